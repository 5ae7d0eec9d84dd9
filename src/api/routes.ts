/** The routes that programs call, as types: the typed client is made of them. */
import type {
  audit,
  create as createKey,
  list as listKeys,
  me,
  revoke as revokeKey,
  rotate as rotateKey,
} from './routes/access.ts';
import type { list as listQueries } from './routes/admin.ts';
import type { batchRecommendations, similarUsers } from './routes/batch.ts';
import type { estimate, list as listExperiments, report } from './routes/experiments.ts';
import type {
  connection,
  contrast,
  counterfactual,
  expand,
  graph,
  whatIf,
  whatWouldChange,
} from './routes/explanations.ts';
import type { forgetRoute } from './routes/forget.ts';
import type { recommendations as groupRecommendations } from './routes/groups.ts';
import type { postInteractions } from './routes/interactions.ts';
import type { jobs } from './routes/jobs.ts';
import type { lineage } from './routes/lineage.ts';
import type { map } from './routes/maps.ts';
import type { live, ready } from './routes/operations.ts';
import type { list as listPipelines, whyNot } from './routes/pipelines.ts';
import type { explanation, recommendations, similar } from './routes/recommendations.ts';
import type { removeInteractionsRoute, removeItemRoute } from './routes/removal.ts';
import type {
  deleteFeature,
  listFeatures,
  patchFeature,
  putFeature,
  showFeature,
} from './routes/resources/features.ts';
import type { listInteractions, patchInteractions } from './routes/resources/interactions.ts';
import type { addItems, listItems, patchItem, putItem, showItem } from './routes/resources/items.ts';
import type { addUsers, listUsers, patchUser, putUser, showUser } from './routes/resources/users.ts';
import type {
  add as addRule,
  list as listRules,
  remove as removeRule,
  show as showRule,
  test as testRule,
} from './routes/rules.ts';
import type {
  models as listModels,
  list as listRuns,
  resume as resumeRun,
  show as showRun,
  start as startRun,
  stop as stopRun,
} from './routes/runs.ts';
import type { search } from './routes/search.ts';
import type { recommendations as sessionRecommendations } from './routes/sessions.ts';
import type { settings } from './routes/settings.ts';
import type { list as listVersions, promote, rollback } from './routes/versions.ts';

export type ApiRoute =
  | typeof recommendations
  | typeof similar
  | typeof explanation
  | typeof graph
  | typeof expand
  | typeof whatIf
  | typeof counterfactual
  | typeof contrast
  | typeof whatWouldChange
  | typeof connection
  | typeof batchRecommendations
  | typeof similarUsers
  | typeof listUsers
  | typeof showUser
  | typeof addUsers
  | typeof putUser
  | typeof patchUser
  | typeof forgetRoute
  | typeof listItems
  | typeof showItem
  | typeof addItems
  | typeof putItem
  | typeof patchItem
  | typeof removeItemRoute
  | typeof listFeatures
  | typeof showFeature
  | typeof putFeature
  | typeof patchFeature
  | typeof deleteFeature
  | typeof listInteractions
  | typeof postInteractions
  | typeof patchInteractions
  | typeof removeInteractionsRoute
  | typeof live
  | typeof ready
  | typeof me
  | typeof listKeys
  | typeof createKey
  | typeof rotateKey
  | typeof revokeKey
  | typeof audit
  | typeof listQueries
  | typeof lineage
  | typeof listVersions
  | typeof promote
  | typeof rollback
  | typeof search
  | typeof settings
  | typeof jobs
  | typeof map
  | typeof listPipelines
  | typeof whyNot
  | typeof listExperiments
  | typeof report
  | typeof estimate
  | typeof listRules
  | typeof showRule
  | typeof addRule
  | typeof testRule
  | typeof removeRule
  | typeof listModels
  | typeof listRuns
  | typeof showRun
  | typeof startRun
  | typeof stopRun
  | typeof resumeRun
  | typeof groupRecommendations
  | typeof sessionRecommendations;
