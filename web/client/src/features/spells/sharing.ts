/** The address of this page that shows what the API's link leads to. */
export function pageLink(link: string, page: string): string {
  const token = link.slice(link.lastIndexOf('/') + 1);
  return `${page}?spell=${encodeURIComponent(token)}`;
}
