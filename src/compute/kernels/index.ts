// Everything here works on addresses in one shared memory. Each export takes the thread's number and a range of its work, so
// that any number of threads can share it; what a range computes does not depend on who computes it.
export { packColumns, packTransposed } from './dense';
export { clearPlaces, placeSeeds, sampleHop } from './neighbours';
export { adamRows, dotPairs, gatherRows, scatterAdd, unitRows, unitRowsGradient } from './rows';
export { softmaxBackward, softmaxForward } from './softmax';
export { multiplySparse, propagateAdam } from './sparse';
export { topRows } from './topk';
export { biasedWalks, visitNeighbours } from './walks';
