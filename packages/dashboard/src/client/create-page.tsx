import { ApiError, newIdempotencyKey, type CreateClusterResponse } from '@cotton/api';
import { useRef, useState } from 'preact/hooks';
import { api, describeError } from './api.ts';
import {
  EMPTY_FORM,
  errorsByField,
  isAboutName,
  readCreateForm,
  type CreateForm,
  type FieldErrors,
} from './create-request.ts';
import { Created } from './created.tsx';
import { Field } from './field.tsx';
import { useAction } from './use-action.ts';

export function CreatePage({ onCreated }: { onCreated: () => void }) {
  const [form, setForm] = useState(EMPTY_FORM);
  const [refused, setRefused] = useState<FieldErrors>({});
  const [made, setMade] = useState<CreateClusterResponse>();
  // One key for one form: pressing the button again after a lost answer finds the cluster that was made.
  const key = useRef({ form: EMPTY_FORM, value: newIdempotencyKey() });
  const { busy, error, run } = useAction();

  const submit = (event: Event) => {
    event.preventDefault();
    const result = readCreateForm(form);
    setRefused('errors' in result ? result.errors : {});
    if ('errors' in result) return;
    if (key.current.form !== form) key.current = { form, value: newIdempotencyKey() };
    void run(async () => {
      try {
        setMade(await api.create(form.name, result.request, { idempotencyKey: key.current.value }));
      } catch (reason) {
        if (reason instanceof ApiError) setRefused(refusedBy(reason));
        throw reason;
      }
      onCreated();
    });
  };

  if (made) return <Created made={made} user={form.cluster_user} />;
  const input = (name: keyof CreateForm) => ({
    name,
    value: form[name],
    onValue: (value: string) => setForm({ ...form, [name]: value }),
  });
  return (
    <>
      <h1>New cluster</h1>
      <form class="create" onSubmit={submit} noValidate data-testid="create-form">
        <Field {...input('name')} label="Name" error={refused.name} />
        <Field
          {...input('cluster_user')}
          label="User"
          hint="MySQL account made for you"
          error={refused.cluster_user}
        />
        <Field
          {...input('num_nodes')}
          label="Instances"
          hint="one primary, the rest replicas"
          error={refused.num_nodes}
          inputMode="numeric"
        />
        <fieldset aria-describedby={refused.size ? 'size-error' : undefined}>
          <legend>Each instance gets</legend>
          <Field {...input('cpus')} label="CPUs" inputMode="decimal" />
          <Field {...input('mem')} label="Memory" hint="with a unit, such as 512mb" />
          <Field {...input('disk')} label="Disk" hint="with a unit, such as 2gb" />
          {refused.size && (
            <p class="problem" id="size-error" data-testid="error-size">
              The size {refused.size}
            </p>
          )}
        </fieldset>
        <Field
          {...input('cluster_password')}
          label="Password"
          hint="left empty, one is made for you"
          error={refused.cluster_password}
          type="password"
        />
        <button class="primary" disabled={busy} data-testid="create-submit">
          {busy ? 'Creating…' : 'Create'}
        </button>
        {error !== undefined && (
          <p class="problem" role="alert" data-testid="create-error">
            {describeError(error)}
          </p>
        )}
      </form>
    </>
  );
}

function refusedBy(error: ApiError): FieldErrors {
  return isAboutName(error) ? { name: error.message } : errorsByField(error.fields);
}
