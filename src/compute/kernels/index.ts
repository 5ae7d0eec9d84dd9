// Everything here works on addresses in one shared memory. Each export takes the thread's number and a range of its work, so
// that any number of threads can share it; what a range computes does not depend on who computes it.
export { packBytes, topBytes } from './bytes';
export { packColumns, packTransposed } from './dense';
export { invertLanes } from './ridge';
export { dotPairs, gatherRows, scatterAdd, unitRows, unitRowsGradient } from './rows';
export { distinctIds, largestId } from './distinct';
export { chooseGreedily } from './greedy';
export { bestOfLanes, filterLanes, multiplyLanes } from './lanes';
export { drawNormal, drawUniform } from './initial';
export { logisticForward } from './logistic';
export { perturbRows } from './noise';
export { coOccurrence, largestOfRows, topSums } from './pairs';
export { clearPlaces, placeSeeds, sampleHop } from './neighbours';
export { softmaxBackward, softmaxForward } from './softmax';
export { multiplySlots, multiplySparse, propagateAdam } from './sparse';
export { adagradDense, adagradTable, adamDense, adamTable, sgdDense, sgdTable, squaredBlocks } from './tables';
export { topAmong, topRows } from './topk';
// Of the tensor backend: any shape, any width.
export { addBias, binary, dropout, fill, unary } from './elementwise';
export { crossEntropyRows, crossEntropyRowsGradient } from './entropy';
export { copyRows, floatsOfInts, gather, permute, segmentSum } from './layout';
export { layerNormRows, layerNormRowsGradient, softmaxRows, softmaxRowsGradient } from './normalise';
export { multiplyDense, packRight } from './product';
export { reduceLast, reduceMiddle } from './reduce';
export { biasedWalks, visitNeighbours } from './walks';
