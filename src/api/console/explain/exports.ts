/** What is shown, as a file: a picture, or data for other programs. */
import { h, render } from 'preact';
import type { Shown } from './graph.ts';
import type { Positions } from './positions.ts';
import { SceneSvg } from './SceneSvg.tsx';
import { type Scene, spotsOf } from './scene.ts';

const [width, height] = [1200, 720];

/** A drawing that stands alone, of the whole graph. */
export function svgOf(scene: Scene): string {
  const box = document.createElement('div');
  render(
    h(SceneSvg, { scene, spots: spotsOf(scene.nodes, width, height), width, height, ground: scene.palette.surface }),
    box,
  );
  return new XMLSerializer().serializeToString(box.firstElementChild!);
}

export async function pngOf(scene: Scene, pixelRatio = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svgOf(scene)], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width * pixelRatio, height * pixelRatio];
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large'))), 'image/png'),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function jsonOf({ user, item, nodes, edges, cypher }: Shown, positions: Positions): string {
  const placed = nodes.map((node) => ({ ...node, ...positions.get(node.id) }));
  return `${JSON.stringify({ user, item, nodes: placed, edges, cypher }, null, 2)}\n`;
}

/** GEXF 1.3, https://gexf.net/schema.html: Gephi and NetworkX read it. */
export function gexfOf({ nodes, edges }: Shown, positions: Positions): string {
  const values = (of: Readonly<Record<string, string | number | boolean | undefined>>) =>
    Object.entries(of)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `<attvalue for="${name}" value="${escaped(`${value}`)}"/>`)
      .join('');
  const attributes = (of: 'node' | 'edge', types: Readonly<Record<string, string>>) =>
    `<attributes class="${of}">${Object.entries(types)
      .map(([name, type]) => `<attribute id="${name}" title="${name}" type="${type}"/>`)
      .join('')}</attributes>`;
  const nodeRows = nodes.map(({ id, kind, title, detail }) => {
    const at = positions.get(id);
    const place = at ? `<viz:position x="${at.x}" y="${-at.y}" z="0"/>` : '';
    const { role, count } = detail;
    return `<node id="${escaped(id)}" label="${escaped(title)}"><attvalues>${values({ kind, role, count })}</attvalues>${place}</node>`;
  });
  const edgeRows = edges.map(
    ({ source, target, kind, of, weight, part, evidence }, index) =>
      `<edge id="${index}" source="${escaped(source)}" target="${escaped(target)}" weight="${weight}"><attvalues>${values({ relation: kind, of, part, evidence })}</attvalues></edge>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">',
    '<graph defaultedgetype="directed" mode="static">',
    attributes('node', { kind: 'string', role: 'string', count: 'integer' }),
    attributes('edge', { relation: 'string', of: 'string', part: 'double', evidence: 'string' }),
    '<nodes>',
    ...nodeRows,
    '</nodes>',
    '<edges>',
    ...edgeRows,
    '</edges>',
    '</graph>',
    '</gexf>\n',
  ].join('\n');
}

/** What XML refuses even when it is written as a number is left out. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
    .replace(/[&<>"'\n\r\t]/g, (letter) => `&#${letter.charCodeAt(0)};`);

export function save(name: string, content: string | Blob, type = 'text/plain'): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  [link.href, link.download] = [url, name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
