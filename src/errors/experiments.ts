/** Errors of experiments, and of estimates from what was shown. */
import { bad, missing, type Row } from './rows.ts';

export const experimentErrors = {
  'experiment/unknown': missing("No experiment '{experiment}'. There are: {known}"),
  'experiment/unknown-arm': missing("Experiment '{experiment}' has no arm '{arm}'. There are: {known}"),
  'experiment/unfit': bad("Experiment '{experiment}', arm '{arm}': no pipeline '{pipeline}'. There are: {known}"),
  'experiment/or-pipeline': bad(
    '{problem}. Name an experiment or a pipeline, and an arm only beside an experiment',
    422,
  ),
  'experiment/no-unit': bad(
    "Experiment '{experiment}' splits sessions by their key, and this one has none. Give `session`, an id that the client keeps as long as the session lasts",
    422,
  ),
  'experiment/no-graph': bad(
    'Impressions lie in a Neo4j of our own, and none is here. Start one with tastegraph up, or set NEO4J_URI',
  ),
  'experiment/nothing-shown': bad(
    "Nothing was shown that can tell of '{name}'{since}: impressions are younger than {window}, or there are none",
    422,
  ),
  'experiment/no-support': bad(
    "The {lists} lists that were shown leave nothing to chance, so they tell only of what made them, and nothing of '{pipeline}'. Serve a pipeline that draws, with epsilon-greedy or plackett-luce as its last re-ranker, and come again",
    422,
  ),
  'experiment/no-overlap': bad(
    "Of the {lists} lists that were shown none begins as '{pipeline}' could begin one. Draw among more candidates, or look at fewer places",
    422,
  ),
  'experiment/draws-early': bad(
    "Pipeline '{pipeline}' draws in its re-ranker '{reranker}', and others come after it: how probable its lists are cannot be said. Let it draw last",
    422,
  ),
} satisfies Record<string, Row>;
