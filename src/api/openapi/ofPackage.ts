/** The OpenAPI document without a server: routes describe themselves with nothing to stand on. */
import { type AppDependencies, createApp, openApiDocument } from '../app.ts';

/** No request is ever made of this application. */
const nothing = {
  options: { maxBodyBytes: 1, requestTimeoutMs: 1 },
  recommender: {},
  explainer: {},
  reach: {},
  pipelines: {},
  log: {},
} as unknown as AppDependencies;

export const packageDocument = () => openApiDocument(createApp(nothing));
