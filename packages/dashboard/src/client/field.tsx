interface FieldProps {
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  type?: 'text' | 'password';
  inputMode?: 'numeric' | 'decimal';
}

/** A labelled input that says what is wrong with it, to eyes and to screen readers. */
export function Field({ name, label, value, onValue, hint, error, type = 'text', inputMode }: FieldProps) {
  const autocomplete = type === 'password' ? ('new-password' as const) : ('off' as const);
  const errorId = error ? `${name}-error` : undefined;
  return (
    <label>
      {label}
      {hint && <span class="hint"> {hint}</span>}
      <input
        name={name}
        // The types of inputs forbid a type that is chosen at run time.
        type={type as 'text'}
        value={value}
        inputMode={inputMode}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={errorId}
        onInput={(event) => onValue(event.currentTarget.value)}
        data-testid={`field-${name}`}
      />
      {error && (
        <span class="problem" id={errorId} data-testid={`error-${name}`}>
          {error}
        </span>
      )}
    </label>
  );
}
