/** The API as one plain page: no script, no style sheet, nothing from elsewhere. */

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; description?: string }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}

interface Schema {
  type?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
}

/** @param document OpenAPI as made by @fastify/swagger. */
export function referencePage(document: object): string {
  const { paths = {} } = document as { paths?: Record<string, Record<string, Operation>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation)),
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<title>Cotton: HTTP API</title><h1>Cotton: HTTP API</h1>',
    '<p>Machine-readable: <a href="/openapi.json">openapi.json</a>. <a href="/">Dashboard</a>.</p>',
    ...operations,
    '</html>',
  ].join('\n');
}

function section(method: string, path: string, operation: Operation): string {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const answer = Object.values(operation.responses?.['200']?.content ?? {})[0]?.schema;
  const parameters = operation.parameters ?? [];
  return [
    `<section><h2><code>${escapeHtml(`${method.toUpperCase()} ${path}`)}</code></h2>`,
    `<p>${escapeHtml(operation.summary ?? '')}</p>`,
    parameters.length > 0
      ? `<h3>Parameters</h3><ul>${parameters.map((p) => item(p.name, `${p.in}. ${p.description ?? ''}`)).join('')}</ul>`
      : '',
    body ? `<h3>Body</h3>${fields(body)}` : '',
    answer ? `<h3>Answer</h3>${fields(answer)}` : '',
    '</section>',
  ].join('\n');
}

/** Schemas are trees without cycles, so this ends. */
function fields(schema: Schema): string {
  const shown = schema.items ?? schema;
  const rows = Object.entries(shown.properties ?? {}).map(([name, property]) => {
    const isRequired = shown.required?.includes(name) ?? false;
    const inner = (property.items ?? property).properties ? fields(property) : '';
    const text = [property.type, property.description, isRequired ? '' : '(optional)']
      .filter(Boolean)
      .join(' ');
    return `<li><code>${escapeHtml(name)}</code> ${escapeHtml(text)}${inner}</li>`;
  });
  return rows.length > 0 ? `<ul>${rows.join('')}</ul>` : '';
}

function item(name: string, text: string): string {
  return `<li><code>${escapeHtml(name)}</code> ${escapeHtml(text)}</li>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
