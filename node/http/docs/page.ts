import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from '../openapi.ts'
import { fieldTable, sampleOf, typeName, type SharedSchemas } from './fields.ts'
import { Html, html } from './html.ts'
import { STYLE } from './style.ts'

/** One piece, because white space would change the hash that the page's policy names. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`)

interface Entry {
  method: string
  path: string
  isClient: boolean
  operation: OpenApiOperation
}

/** The API as one page without scripts or anything to load. */
export function renderApiPage(document: OpenApiDocument): string {
  const entriesByTag = Map.groupBy(entriesOf(document), (entry) => entry.operation.tags[0])
  const groups = document.tags.map(({ name }) => [name, entriesByTag.get(name) ?? []] as const)
  const shared = document.components.schemas
  const { title, description, version } = document.info
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title} API</title>
      ${STYLE_ELEMENT}
    </head>
    <body>
      <nav aria-label="Endpoints">
        <strong>${title}</strong>
        ${groups.map(
          ([tag, entries]) =>
            html`<h2>${tag}</h2>
              <ul>
                ${entries.map(navItem)}
              </ul>`,
        )}
      </nav>
      <main>
        <h1>${title}</h1>
        <p class="lead">${description}</p>
        <p class="soft">Version ${version} · <a href="/openapi.json">openapi.json</a></p>
        ${groups.map(
          ([tag, entries]) =>
            html`<h2>${tag}</h2>
              ${entries.map((entry) => article(entry, shared))}`,
        )}
      </main>
    </body>
  </html>`
  return `<!doctype html>\n${page.text}`
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

function entriesOf(document: OpenApiDocument): Entry[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return operation ? [{ method, path, isClient: item.servers !== undefined, operation }] : []
    }),
  )
}

const verb = (method: string): Html => html`<span class="verb ${method}">${method.toUpperCase()}</span>`

const navItem = ({ method, path, operation }: Entry): Html =>
  html`<li>
    <a href="#${operation.operationId}">${verb(method)}<span>${path}</span></a>
  </li>`

function article(entry: Entry, shared: SharedSchemas): Html {
  const { method, path, isClient, operation } = entry
  const scheme = operation.security.flatMap(Object.keys)[0]
  return html`<article id="${operation.operationId}">
    <h3>
      ${verb(method)}<code>${path}</code>
      ${scheme !== undefined && html`<span class="pill">${scheme} token</span>`}
      ${isClient && html`<span class="pill">also /client/v1</span>`}
    </h3>
    <p>${operation.summary}</p>
    ${operation.description !== undefined && html`<p class="soft">${operation.description}</p>`}
    ${parameterTable(operation, shared)} ${bodyTable(operation, shared)}
    ${Object.entries(operation.responses).map(([status, response]) => successTable(status, response, shared))}
    <h4>Answers</h4>
    <table>
      ${Object.entries(operation.responses).map(responseRow)}
    </table>
    <pre><code>${sampleCall(entry, shared)}</code></pre>
  </article>`
}

function parameterTable({ parameters = [] }: OpenApiOperation, shared: SharedSchemas): Html | undefined {
  if (parameters.length === 0) return undefined
  const rows = parameters.map(
    (parameter) =>
      html`<tr>
        <td><code>${parameter.name}</code></td>
        <td class="soft">
          ${parameter.in}, ${typeName(parameter.schema, shared)}${!parameter.required && ', optional'}
        </td>
        <td>${parameter.description}</td>
      </tr>`,
  )
  return html`<h4>Parameters</h4>
    <table>
      ${rows}
    </table>`
}

function bodyTable({ requestBody }: OpenApiOperation, shared: SharedSchemas): Html | undefined {
  const schema = requestBody?.content['application/json']?.schema
  return (
    schema &&
    html`<h4>Body</h4>
      ${fieldTable(schema, shared)}`
  )
}

function successTable(status: string, response: OpenApiResponse, shared: SharedSchemas): Html | undefined {
  const schema = response.content?.['application/json']?.schema
  const table = status.startsWith('2') && schema ? fieldTable(schema, shared) : undefined
  return (
    table &&
    html`<h4>Result</h4>
      ${table}`
  )
}

const responseRow = ([status, { description }]: [string, OpenApiResponse]): Html =>
  html`<tr>
    <td><code>${status}</code></td>
    <td>${description}</td>
  </tr>`

function sampleCall({ method, path, operation }: Entry, shared: SharedSchemas): string {
  const schema = operation.requestBody?.content['application/json']?.schema
  const parts = [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"$NODE${path}"`,
    ...(operation.security.length > 0 ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...(schema ? [`-H 'content-type: application/json'`, `-d '${JSON.stringify(sampleOf(schema, shared))}'`] : []),
  ]
  return parts.join(' \\\n  ')
}
