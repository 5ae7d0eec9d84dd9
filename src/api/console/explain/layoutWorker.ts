/** Computes layouts beside the page: one task in, its positions out. */
import { settle } from './layout.ts';
import type { LayoutTask } from './positions.ts';

addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => postMessage(settle(data)));
