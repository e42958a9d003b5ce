/** The address of this page that shows what the API's link leads to. */
export function pageLink(link: string, page: string, query: string): string {
  const token = link.slice(link.lastIndexOf('/') + 1);
  return `${page}?${query}=${encodeURIComponent(token)}`;
}
