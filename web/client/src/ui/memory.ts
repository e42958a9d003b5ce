/** localStorage that may be forbidden or full: then things are simply not remembered. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // not remembered
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // not remembered
  }
}
