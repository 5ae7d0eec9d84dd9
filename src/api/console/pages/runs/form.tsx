/** Starts a training: the form is made of the options that the model and all trainings declare. */
import { useState } from 'preact/hooks';
import { ApiProblem } from '../../../../client.ts';
import { Card } from '../../parts/Card.tsx';
import { ErrorPanel } from '../../parts/ErrorPanel.tsx';
import { Fields, type Filled, valuesOf } from '../../parts/Fields.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { toast } from '../../parts/toast.tsx';
import { useRequest } from '../../parts/useRequest.ts';
import { useApi } from '../../session.ts';

/** What is most often changed stands first and open; the rest is a click away. */
const usual = ['epochs', 'patience', 'split', 'minValue', 'seed', 'refit', 'publish', 'metricsAt'];

export interface StartFormProps {
  readonly started: (id: string) => void;
  readonly close: () => void;
}

export function StartForm({ started, close }: StartFormProps) {
  const api = useApi();
  const { data, error, retry } = useRequest((signal) => api.get('/v1/admin/models', { signal }), []);
  const [name, setName] = useState('lightgcn');
  const [filled, setFilled] = useState<Filled>({});
  const [from, setFrom] = useState<'' | 'graph' | 'served'>('');
  const [refused, setRefused] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (error !== undefined) return <ErrorPanel error={error} retry={retry} />;
  const model = data?.models.find((each) => each.name === name);
  if (!data || !model) return <Skeleton label="the models" />;
  const own = new Set(model.options.map(({ key }) => key));
  const training = data.training.filter(({ key }) => !own.has(key));
  const first = usual.flatMap((key) => training.filter((field) => field.key === key));
  const rest = training.filter(({ key }) => !usual.includes(key));
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefused(undefined);
    try {
      const options = valuesOf([...model.options, ...training], filled);
      const { id } = await api.post('/v1/admin/runs', {
        body: { model: name, options, ...(from !== '' && { data: from }) },
      });
      toast(`${name} is being trained`);
      started(id);
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card title="New training" note={model.paper}>
      <form class="stack" onSubmit={submit}>
        <div class="fields">
          <label class="field">
            <span>Model</span>
            <select name="model" value={name} onChange={({ currentTarget }) => setName(currentTarget.value)}>
              {data.models.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.name} · {each.family}
                </option>
              ))}
            </select>
            <small>{model.summary}</small>
          </label>
          <label class="field">
            <span>Learns from</span>
            <select name="data" value={from} onChange={({ currentTarget }) => setFrom(currentTarget.value as '')}>
              <option value="">The graph, or what is served where there is none</option>
              <option value="graph">The graph as it is now</option>
              <option value="served">The snapshot of the served version</option>
            </select>
            <small>A snapshot is taken of the graph first</small>
          </label>
        </div>
        <h3>Training and judging</h3>
        <Fields fields={first} filled={filled} change={setFilled} />
        <h3>{model.name}</h3>
        <Fields fields={model.options} filled={filled} change={setFilled} />
        <details>
          <summary>{rest.length} more options of all trainings</summary>
          <Fields fields={rest} filled={filled} change={setFilled} />
        </details>
        {refused !== undefined &&
          (refused instanceof ApiProblem ? (
            <p class="refused" role="alert">
              {refused.message}
            </p>
          ) : (
            <ErrorPanel error={refused} />
          ))}
        <div class="row">
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'Starting …' : 'Start training'}
          </button>
          <button type="button" class="button" onClick={close}>
            Close
          </button>
        </div>
      </form>
    </Card>
  );
}
