/** Operations that go over rows, at widths on both sides of where a backend's kernels change how they share a row, and at the edges. */
import * as tf from '@tensorflow/tfjs-core';
import * as operations from '../../src/compute/tensors/operations.ts';
import type { Case } from './tensorCases.ts';

/** Labels of four rows, one of them left out. */
const labels = (classes: number) => tf.tensor1d([classes - 1, 0, -1, Math.floor(classes / 2)], 'int32');

const ofWidth = (width: number): Case[] => [
  {
    name: `layer norm ${width} wide`,
    shapes: [[5, width], [width], [width]],
    run: (x, g, b) => operations.layerNorm(x!, g!, b!),
    isFlat: width === 1, // without a spread the gradient of its input is noise over √ε
  },
  { name: `softmax ${width} wide`, shapes: [[2, 3, width]], run: (x) => tf.softmax(x!), draw: (x) => 3 * x },
  { name: `log softmax ${width} wide`, shapes: [[3, width]], run: (x) => tf.logSoftmax(x!), draw: (x) => 3 * x },
  {
    name: `masked softmax ${width} wide`,
    shapes: [[2, 3, width]],
    run: (x) => operations.maskedSoftmax(x!, tf.range(0, -3, -3 / width), 0.5),
  },
  {
    name: `cross-entropy over ${width + 1}`,
    shapes: [[4, width + 1]],
    run: (x) => operations.crossEntropy(x!, labels(width + 1)),
  },
];

export const rowwiseCases: readonly Case[] = [
  ...[1, 5, 64, 300].flatMap(ofWidth),
  { name: 'mean of a long column', shapes: [[5000, 3]], run: (x) => tf.mean(x!, 0), isFlat: true },
  { name: 'mean of a long row', shapes: [[3, 20_001]], run: (x) => tf.mean(x!, 1), isFlat: true },
  { name: 'maximum of a long row', shapes: [[3, 20_001]], run: (x) => tf.max(x!, 1, true), isFlat: true },
  { name: 'maximum of a long column', shapes: [[2, 3000, 3]], run: (x) => tf.max(x!, 1), isFlat: true },
  { name: 'mean over axes apart, single ones between', shapes: [[5, 1, 7]], run: (x) => tf.mean(x!, [0, 2]) },
  { name: 'sum over single axes', shapes: [[1, 5, 1]], run: (x) => tf.sum(x!, [0, 2]) },
  {
    name: 'layer norm of no rows',
    shapes: [[0, 5], [5], [5]],
    run: (x, g, b) => operations.layerNorm(x!, g!, b!),
  },
  { name: 'masked softmax of no rows', shapes: [[0, 5]], run: (x) => operations.maskedSoftmax(x!, tf.zeros([5])) },
  {
    name: 'masked softmax of heads, a mask for all but one',
    shapes: [[2, 2, 3, 6]],
    run: (x) => operations.maskedSoftmax(x!, tf.reshape(tf.range(0, 3, 1 / 12), [2, 1, 3, 6]), 0.3),
  },
  {
    name: 'cross-entropy of no rows',
    shapes: [[0, 5]],
    run: (x) => operations.crossEntropy(x!, tf.tensor1d([], 'int32')),
  },
  { name: 'gelu, far out', shapes: [[2, 37]], run: (x) => operations.gelu(x!), draw: (x) => 20 * x },
  { name: 'gelu of nothing', shapes: [[0, 3]], run: (x) => operations.gelu(x!) },
  { name: 'dropout of most, a negative seed', shapes: [[3, 5, 7]], run: (x) => operations.dropout(x!, 0.9, -77) },
  { name: 'dropout of nothing', shapes: [[0, 7]], run: (x) => operations.dropout(x!, 0.5, 1) },
  {
    name: 'rectified dense, as many numbers as divide by four',
    shapes: [[6, 3], [3, 8], [8]],
    run: (x, w, b) => operations.dense(x!, w!, b, 'relu'),
    isFlat: true,
  },
];
