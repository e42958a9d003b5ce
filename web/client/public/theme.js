// Runs before the first paint (a strict policy forbids inline scripts), so that a remembered theme never flashes.
try {
  var wish = localStorage.getItem('stationthis.theme');
  if (wish === 'light' || wish === 'dark') document.documentElement.dataset.theme = wish;
} catch (error) {
  // the system's theme it is
}
