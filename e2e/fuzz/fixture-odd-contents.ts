import type { Raw } from './raw-json.ts'

/** What an odd server has before anything is done to it: every optional field is there, so that each can be spoilt. */

export const listMethods = {
  tools: 'tools/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
} as const
export type ListName = keyof typeof listMethods
export const listNames = Object.keys(listMethods) as ListName[]
export const keyOf: Record<ListName, string> = {
  tools: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  prompts: 'name',
}

const icons = [{ src: 'data:image/png;base64,AA==', mimeType: 'image/png', sizes: ['16x16'], theme: 'dark' }]
const numbers = [1, 2, 3, 4]

export const contents = (slug: string): Record<ListName, Raw[]> => ({
  tools: numbers.map((n) => ({
    name: `tool_${n}`,
    title: `Tool ${n}`,
    description: `does ${n}`,
    inputSchema: {
      type: 'object',
      properties: { say: { type: 'string', description: 'what' }, times: { type: 'integer', minimum: 1 } },
      required: ['say'],
    },
    ...(n < 3 && {
      outputSchema: { type: 'object', properties: { said: { type: 'string' } }, required: ['said'] },
    }),
    annotations: {
      title: `Hint ${n}`,
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    icons,
    execution: { taskSupport: 'forbidden' },
    _meta: { kept: n },
  })),
  resources: numbers.map((n) => ({
    uri: `${slug}://resource/${n}`,
    name: `resource_${n}`,
    title: `Resource ${n}`,
    description: `is ${n}`,
    mimeType: 'text/plain',
    size: n,
    annotations: { audience: ['user', 'assistant'], priority: 0.5, lastModified: '2026-01-01T00:00:00Z' },
    icons,
    _meta: { kept: n },
  })),
  resourceTemplates: numbers.slice(0, 2).map((n) => ({
    uriTemplate: `${slug}://template/${n}/{name}`,
    name: `template_${n}`,
    title: `Template ${n}`,
    description: `is ${n}`,
    mimeType: 'text/plain',
    annotations: { audience: ['user'], priority: 1 },
    _meta: { kept: n },
  })),
  prompts: numbers.map((n) => ({
    name: `prompt_${n}`,
    title: `Prompt ${n}`,
    description: `asks ${n}`,
    arguments: [{ name: 'who', title: 'Who', description: 'it is for', required: false }],
    icons,
    _meta: { kept: n },
  })),
})

export type Era = '2025-11-25' | '2026-07-28'

export function initializeResult(era: Era): Raw {
  const capabilities = {
    tools: { listChanged: era === '2025-11-25' },
    resources: { listChanged: era === '2025-11-25', subscribe: false },
    prompts: { listChanged: era === '2025-11-25' },
    completions: {},
    logging: {},
    experimental: { x: {} },
  }
  const serverInfo = { name: 'odd', title: 'Odd', version: '1', websiteUrl: 'https://example.com', icons }
  const about = { capabilities, serverInfo, instructions: 'Use it.', _meta: { kept: true } }
  if (era === '2025-11-25') return { protocolVersion: era, ...about }
  return { supportedVersions: [era], ...about, resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
}

/** Each part has a text that only it can have brought. */
export const callResult = (said: string): Raw => ({
  content: [
    {
      type: 'text',
      text: `block-0 ${said}`,
      annotations: { audience: ['user'], priority: 1 },
      _meta: { a: 1 },
    },
    { type: 'text', text: `block-1 ${said}` },
    { type: 'image', data: 'AAAA', mimeType: 'image/png', annotations: { priority: 0 } },
    {
      type: 'resource',
      resource: { uri: 'odd://block-3', mimeType: 'text/plain', text: `block-3 ${said}`, _meta: { a: 1 } },
    },
    {
      type: 'resource_link',
      uri: 'odd://block-4',
      name: `block-4 ${said}`,
      description: 'd',
      mimeType: 'text/plain',
      size: 3,
    },
  ],
  structuredContent: { said },
  isError: false,
  _meta: { kept: true },
})

export const readResult = (uri: string): Raw => ({
  contents: [
    { uri, mimeType: 'text/plain', text: `block-0 ${uri}`, _meta: { a: 1 } },
    { uri: `${uri}/1`, mimeType: 'text/plain', text: `block-1 ${uri}` },
    { uri: `${uri}/2`, mimeType: 'image/png', blob: 'AAAA' },
  ],
  _meta: { kept: true },
})

export const promptResult = (name: string): Raw => ({
  description: `is ${name}`,
  messages: [
    { role: 'user', content: { type: 'text', text: `block-0 ${name}`, annotations: { priority: 1 } } },
    { role: 'assistant', content: { type: 'text', text: `block-1 ${name}` } },
    { role: 'user', content: { type: 'image', data: 'AAAA', mimeType: 'image/png' } },
  ],
  _meta: { kept: true },
})
