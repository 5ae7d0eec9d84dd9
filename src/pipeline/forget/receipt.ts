/** The receipt of a forgotten user: what was removed, what is left, signed with a key of the home (Ed25519). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../durable.ts';
import { problemOf, TastegraphError } from '../../errors.ts';
import type { GraphProof, RemovedCounts } from '../../graph/forget.ts';
import { forgottenFolder } from './ledger.ts';
import type { FileProof } from './scan.ts';

export interface ForgetReceipt {
  readonly format: 'tastegraph-forget-1';
  readonly operation: string;
  /** SHA-256 of 'user', a line feed and the id, hexadecimal: whoever knows the id can tell that the receipt is theirs. */
  readonly key: string;
  /** The id itself, only where it was asked for. */
  readonly user?: string;
  /** Whether anything of the user was found. */
  readonly known: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly removed: {
    /** By kind; absent where the home has no database. */
    readonly graph?: RemovedCounts;
    /** Digests of stored snapshots that held the user, and of what took their place. */
    readonly snapshots: readonly { readonly from: string; readonly to: string }[];
    /** Versions from which the user's rows were taken. */
    readonly versions: readonly string[];
    /** Versions that were removed: their model cannot be made again without the user. */
    readonly withdrawn: readonly string[];
    readonly checkpoints: readonly string[];
    readonly quarantineLines: number;
  };
  /** Whether an ingest or a request refuses the user from now on. */
  readonly blocked: boolean;
  /** Versions that learned from the user's edges what they know of items and of others. */
  readonly influenced: readonly string[];
  /** Versions that did not. */
  readonly free: readonly string[];
  readonly proof: {
    readonly graph?: GraphProof;
    /** Stored snapshots and versions whose table of ids holds the user. */
    readonly snapshots: number;
    readonly versions: number;
    /** Absent for ids so short that any file holds them by chance. */
    readonly files?: FileProof;
  };
  /** What the operation does not reach, in sentences. */
  readonly beyond: readonly string[];
  /** Earlier operations for the same user, oldest first. */
  readonly earlier: readonly string[];
}

export interface SignedReceipt {
  readonly receipt: ForgetReceipt;
  /** Of the receipt as JSON without white space, base64. */
  readonly signature: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
}

const keyPath = (home: string): string => join(forgottenFolder(home), 'signing-key.pem');

export const receiptPath = (home: string, operation: string): string =>
  join(forgottenFolder(home), 'receipts', `${operation}.json`);

/** The home's key, made when it is first needed. */
function signingKey(home: string): KeyObject {
  const path = keyPath(home);
  if (!existsSync(path)) {
    mkdirSync(forgottenFolder(home), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    replaceFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  }
  return createPrivateKey(readFileSync(path));
}

const publicText = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');

const signedBytes = (receipt: unknown): Buffer => Buffer.from(JSON.stringify(receipt));

/** Signs a receipt and waits until it lies on the disk. */
export function storeReceipt(home: string, receipt: ForgetReceipt): SignedReceipt {
  const key = signingKey(home);
  const signed: SignedReceipt = {
    receipt,
    signature: sign(null, signedBytes(receipt), key).toString('base64'),
    publicKey: publicText(key),
  };
  const path = receiptPath(home, receipt.operation);
  mkdirSync(join(path, '..'), { recursive: true });
  replaceFile(path, `${JSON.stringify(signed, null, 1)}\n`);
  return signed;
}

/** A receipt that was stored under the home; undefined where the operation has none yet. */
export function storedReceipt(home: string, operation: string): SignedReceipt | undefined {
  const path = receiptPath(home, operation);
  return existsSync(path) ? readReceipt(path) : undefined;
}

/** A receipt from a file, its signature checked. Errors: data/not-found, forget/receipt. */
export function readReceipt(path: string): SignedReceipt {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TastegraphError('data/not-found', { path }, cause);
  }
  try {
    const signed = JSON.parse(text) as SignedReceipt;
    const key = createPublicKey({ key: Buffer.from(signed.publicKey, 'base64'), type: 'spki', format: 'der' });
    if (signed.receipt.format !== 'tastegraph-forget-1') throw new Error('it is of another format');
    if (!verify(null, signedBytes(signed.receipt), key, Buffer.from(signed.signature, 'base64')))
      throw new Error('the signature does not match');
    return signed;
  } catch (cause) {
    throw new TastegraphError('forget/receipt', { path, problem: problemOf(cause) }, cause);
  }
}

/** Whether a receipt was signed with this home's key. */
export function isOwn(home: string, { publicKey }: SignedReceipt): boolean {
  return existsSync(keyPath(home)) && publicText(createPrivateKey(readFileSync(keyPath(home)))) === publicKey;
}
