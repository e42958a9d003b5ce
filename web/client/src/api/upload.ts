import { API, ATTEMPTS, pause } from './http';
import { uuid } from './ids';
import { Problem, parseProblem, unreachable } from './problem';
import type { Asset } from './types';

export interface Upload {
  done: Promise<Asset>;
  abort: () => void;
}

/** Sends a file with progress (0..1). A cut connection is tried again under the same key. */
export function uploadAsset(file: File, onProgress: (fraction: number) => void): Upload {
  const key = uuid();
  const control = new AbortController();
  return { done: persist(file, key, onProgress, control.signal), abort: () => control.abort() };
}

async function persist(file: File, key: string, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Asset> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(file, key, onProgress, signal);
    } catch (error) {
      const passing = error instanceof Problem && error.status === 0 && error.code === 'unreachable';
      if (!passing || attempt >= ATTEMPTS.length || signal.aborted) throw error;
      await pause(ATTEMPTS[attempt]!);
    }
  }
}

function once(file: File, key: string, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Asset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${API}/assets`);
    request.setRequestHeader('Idempotency-Key', key);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new Problem(0, 'aborted', 'The upload was stopped.'));
    request.onload = () => settle(request, resolve, reject);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    const form = new FormData();
    form.append('file', file, file.name || 'file');
    request.send(form);
  });
}

function settle(request: XMLHttpRequest, resolve: (asset: Asset) => void, reject: (problem: Problem) => void): void {
  if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Asset);
  else reject(parseProblem(request.status, request.responseText, request.getResponseHeader('Retry-After')));
}
