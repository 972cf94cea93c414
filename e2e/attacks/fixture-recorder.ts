/**
 * An MCP server that keeps every line it gets, byte for byte, in the file it is told, and answers a call with nothing in it.
 *
 *   node fixture-recorder.ts FILE [--modern]     the 2025 era, or 2026-07-28
 */
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [file, era] = process.argv.slice(2)
const isModern = era === '--modern'
const versions = { supportedVersions: ['2026-07-28'], protocolVersion: '2025-11-25' }
const about = {
  ...versions,
  capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
  serverInfo: { name: 'recorder', version: '1.0.0' },
}
const schema = { type: 'object' }
const more = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
const form = { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } }

const answers: Record<string, (params: Record<string, unknown>) => unknown> = {
  'tools/list': () => ({
    tools: [
      { name: 'run', title: 'Run', inputSchema: schema },
      { name: 'look', inputSchema: schema, annotations: { readOnlyHint: true, openWorldHint: false } },
      { name: 'ask', inputSchema: schema },
    ],
  }),
  'prompts/list': () => ({ prompts: [{ name: 'prompt' }] }),
  'resources/list': () => ({ resources: [{ uri: 'recorder://one', name: 'one' }] }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
  'prompts/get': () => ({ messages: [] }),
  'resources/read': () => ({ contents: [] }),
  'completion/complete': () => ({ completion: { values: [] } }),
  'tools/call': ({ name, inputResponses }) =>
    name === 'ask' && inputResponses === undefined
      ? {
          resultType: 'input_required',
          inputRequests: { who: { method: 'elicitation/create', params: form } },
          requestState: 'theirs',
        }
      : { content: [{ type: 'text', text: 'done' }] },
}

// as many servers read: this takes U+2028 for the end of a line, too
createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(file!, `${line}\n`)
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const opening = method === (isModern ? 'server/discover' : 'initialize') ? () => about : undefined
  const answer = opening ?? (Object.hasOwn(answers, method) ? answers[method] : undefined)
  const said = answer
    ? { result: { ...(isModern && more), ...(answer(params ?? {}) as object) } }
    : { error: { code: -32601, message: 'Method not found' } }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...said })}\n`)
})
