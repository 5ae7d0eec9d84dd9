/**
 * The way of the data as named calls: database, ingest, snapshot, training, publishing, recommending, explaining. The command
 * line, the API and the jobs only call these. Each part is loaded when its call is made, so that none pays for another.
 */
export * from './pipeline/access.ts';
export * from './pipeline/admin.ts';
export * from './pipeline/answers.ts';
export * from './pipeline/backup.ts';
export * from './pipeline/compute.ts';
export * from './pipeline/current.ts';
export * from './pipeline/data.ts';
export * from './pipeline/database.ts';
export * from './pipeline/estimate.ts';
export * from './pipeline/experiments.ts';
export * from './pipeline/explaining.ts';
export * from './pipeline/export.ts';
export * from './pipeline/filtering.ts';
export * from './pipeline/forget.ts';
export * from './pipeline/gorse.ts';
export * from './pipeline/groups.ts';
export * from './pipeline/impressions.ts';
export * from './pipeline/items.ts';
export * from './pipeline/jobs.ts';
export * from './pipeline/lineage.ts';
export * from './pipeline/mapping.ts';
export * from './pipeline/maps.ts';
export * from './pipeline/pipelines.ts';
export * from './pipeline/pipelineWarnings.ts';
export * from './pipeline/reranking.ts';
export * from './pipeline/resources.ts';
export * from './pipeline/rules.ts';
export * from './pipeline/run.ts';
export * from './pipeline/runs.ts';
export * from './pipeline/service.ts';
export * from './pipeline/sessions.ts';
export * from './pipeline/tenants.ts';
export * from './pipeline/training.ts';
export * from './pipeline/upload.ts';
export * from './pipeline/userLists.ts';
export * from './pipeline/users.ts';
export * from './pipeline/versions.ts';
export * from './pipeline/whyNot.ts';
