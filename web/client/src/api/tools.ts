import { call } from './http';
import type { Page, Tool, ToolHead } from './types';

/** Of all tools that may be listed at once. */
const ALL = 500;
const BEST = 24;

export const listTools = () => call<Page<ToolHead>>('GET', `/tools?limit=${ALL}`);
export const searchTools = (words: string) => call<Page<ToolHead>>('GET', `/tools?q=${encodeURIComponent(words)}&limit=${BEST}`);
/** Somebody's own tools have a slash in their name, which stays one. */
export const getTool = (name: string) => call<Tool>('GET', `/tools/${name.split('/').map(encodeURIComponent).join('/')}`);
