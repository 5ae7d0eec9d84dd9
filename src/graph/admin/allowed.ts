/**
 * What Cypher from outside may use. What is not listed is refused: a server may have plugins, and a newer one operators, that nobody
 * here has looked at.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().toLowerCase().split(/\s+/));

/** Operators of plans that read the graph, without their kind in brackets: 'Expand' of 'Expand(All)'. Neo4j 5.26 to 2025. */
export const readOperators = words(`
  ProduceResults EmptyRow EmptyResult Argument Apply SemiApply AntiSemiApply LetSemiApply LetAntiSemiApply SelectOrSemiApply
  SelectOrAntiSemiApply LetSelectOrSemiApply LetSelectOrAntiSemiApply ConditionalApply AntiConditionalApply RollUpApply
  CartesianProduct Union OrderedUnion Optional OptionalExpand Expand VarLengthExpand PruningVarLengthExpand
  BFSPruningVarLengthExpand ProjectEndpoints ShortestPath AllShortestPaths StatefulShortestPath Repeat BidirectionalRepeat
  TriadicSelection TriadicBuild TriadicFilter AssertSameNode AssertSameRelationship
  AllNodesScan NodeByLabelScan NodeByIdSeek NodeByElementIdSeek NodeIndexSeek NodeIndexSeekByRange NodeIndexScan
  NodeIndexContainsScan NodeIndexEndsWithScan NodeUniqueIndexSeek NodeUniqueIndexSeekByRange MultiNodeIndexSeek
  IntersectionNodeByLabelsScan UnionNodeByLabelsScan SubtractionNodeByLabelsScan DynamicLabelNodeLookup
  PartitionedAllNodesScan PartitionedNodeByLabelScan PartitionedNodeIndexScan PartitionedNodeIndexSeek
  PartitionedNodeIndexSeekByRange PartitionedUnionNodeByLabelsScan PartitionedIntersectionNodeByLabelsScan PartitionedUnwind
  DirectedAllRelationshipsScan UndirectedAllRelationshipsScan DirectedRelationshipTypeScan UndirectedRelationshipTypeScan
  DirectedUnionRelationshipTypesScan UndirectedUnionRelationshipTypesScan DirectedRelationshipByIdSeek
  UndirectedRelationshipByIdSeek DirectedRelationshipByElementIdSeek UndirectedRelationshipByElementIdSeek
  DirectedRelationshipIndexSeek UndirectedRelationshipIndexSeek DirectedRelationshipIndexSeekByRange
  UndirectedRelationshipIndexSeekByRange DirectedRelationshipIndexScan UndirectedRelationshipIndexScan
  DirectedRelationshipIndexContainsScan UndirectedRelationshipIndexContainsScan DirectedRelationshipIndexEndsWithScan
  UndirectedRelationshipIndexEndsWithScan DirectedRelationshipUniqueIndexSeek UndirectedRelationshipUniqueIndexSeek
  NodeCountFromCountStore RelationshipCountFromCountStore
  NodeHashJoin ValueHashJoin NodeLeftOuterHashJoin NodeRightOuterHashJoin LeftOuterHashJoin RightOuterHashJoin
  Filter Projection CacheProperties Unwind Distinct OrderedDistinct EagerAggregation OrderedAggregation Aggregation
  Sort PartialSort Top Top1WithTies PartialTop Limit Skip Eager
  ProcedureCall ShowIndexes ShowConstraints
`);

/** Procedures that read the graph and its schema, and nothing of the server. */
export const readProcedures = words(`
  db.labels db.relationshipTypes db.propertyKeys db.schema.visualization db.schema.nodeTypeProperties
  db.schema.relTypeProperties db.index.fulltext.queryNodes db.index.fulltext.queryRelationships
  db.index.vector.queryNodes db.index.vector.queryRelationships
`);

/** Built-in functions, without those that speak of files. User-defined ones always have a dot in their name. */
export const readFunctions = words(`
  abs ceil floor isNaN rand round sign acos asin atan atan2 cos cosh cot coth degrees haversin pi radians sin sinh tan tanh
  all any exists isEmpty none single allReduce avg collect count max min percentileCont percentileDisc stdev stdevp sum
  btrim left lower ltrim normalize replace reverse right rtrim split substring toLower toString toStringOrNull toUpper trim upper
  char_length character_length coalesce elementId endNode head id last length nullIf properties randomUUID size startNode
  timestamp toBoolean toBooleanOrNull toFloat toFloatOrNull toInteger toIntegerOrNull type valueType
  date date.realtime date.statement date.transaction date.truncate
  datetime datetime.fromepoch datetime.fromepochmillis datetime.realtime datetime.statement datetime.transaction
  datetime.truncate duration duration.between duration.inDays duration.inMonths duration.inSeconds
  localdatetime localdatetime.realtime localdatetime.statement localdatetime.transaction localdatetime.truncate
  localtime localtime.realtime localtime.statement localtime.transaction localtime.truncate
  time time.realtime time.statement time.transaction time.truncate
  e exp log log10 ln sqrt keys labels nodes range reduce relationships tail
  toBooleanList toFloatList toIntegerList toStringList point point.distance point.withinBBox
  vector vector.similarity.cosine vector.similarity.euclidean vector_distance vector_norm vector_dimension_count
  shortestPath allShortestPaths
`);

/** Keywords that an opening bracket may follow. */
export const keywords = words(`
  match optional where and or xor not in call with return unwind case when then else by distinct limit skip offset as on
  contains starts ends is union yield shortest paths path groups all any acyclic walk trail nfc nfd nfkc nfkd from both leading
  trailing order asc desc filter let
`);

/** Words that begin what Cypher from outside may not do. As a name they can stand in backticks. */
export const refusedWords = words(`
  use load create merge set delete detach remove foreach insert drop alter grant deny revoke terminate rename start stop enable
  deallocate reallocate transactions
`);
