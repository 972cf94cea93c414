import { classifyInboundRequest } from '@modelcontextprotocol/server'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { classify } from './client-message.ts'

/** What is recognised without the SDK's classification must be what that says. */
const prefix = 'io.modelcontextprotocol/'
const odd = fc.constantFrom<unknown>(null, 1, 1.5, 'x', '', true, [], {}, { a: 1 }, undefined)
const version = fc.constantFrom<unknown>('2026-07-28', '2025-11-25', '2999-01-01', 7, undefined)
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.oneof({ weight: 4, arbitrary: value }, odd)
const meta = fc.record(
  {
    [`${prefix}protocolVersion`]: version,
    [`${prefix}clientCapabilities`]: maybe(
      fc.constantFrom<unknown>({}, { sampling: {} }, { elicitation: { form: {} } }, { roots: 3 }),
    ),
    [`${prefix}clientInfo`]: maybe(fc.constantFrom<unknown>({ name: 'a', version: '1' }, { name: 'a' })),
    [`${prefix}logLevel`]: maybe(fc.constantFrom('info', 'loud')),
    progressToken: maybe(fc.constantFrom<unknown>(1, 'p')),
    traceparent: odd,
  },
  { requiredKeys: [] },
)
const params = fc.record(
  { _meta: maybe(meta), name: maybe(fc.constant('echo')), arguments: odd },
  { requiredKeys: [] },
)
const body = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '2.0', '2.0', '1.0'),
    id: maybe(fc.constantFrom<unknown>(1, 'same', 0)),
    method: maybe(fc.constantFrom('tools/call', 'initialize', 'notifications/cancelled', 'toString')),
    params: maybe(params),
    result: odd,
    error: odd,
    more: odd,
  },
  { requiredKeys: ['jsonrpc'] },
)
const goodMeta = {
  [`${prefix}protocolVersion`]: '2026-07-28',
  [`${prefix}clientCapabilities`]: { elicitation: { form: {} } },
  [`${prefix}clientInfo`]: { name: 'a', version: '1' },
}
/** Good ones, of which often one thing is changed. */
const nearly = fc
  .tuple(
    fc.constantFrom<Record<string, unknown>>(
      { id: 1, method: 'tools/call', params: { _meta: goodMeta } },
      { id: 'same', method: 'tools/call', params: { _meta: { ...goodMeta, progressToken: 3 } } },
      { method: 'notifications/cancelled', params: { _meta: goodMeta } },
      { method: 'notifications/initialized' },
      { id: 4, method: 'tools/call', params: { name: 'echo', _meta: { progressToken: 1 } } },
      { id: 2, result: {} },
      { id: 3, error: { code: 1, message: 'x' } },
    ),
    fc.constantFrom('id', 'method', 'params', 'result', 'none', 'none', 'none'),
    odd,
  )
  .map(([good, field, value]) => ({ jsonrpc: '2.0', ...good, ...(field !== 'none' && { [field]: value }) }))
const headers = fc.record(
  {
    'mcp-protocol-version': fc.constantFrom('2026-07-28', ' 2026-07-28', '2025-11-25', '2999-01-01'),
    'mcp-method': fc.constantFrom('tools/call', 'tools/list'),
    'mcp-name': fc.constantFrom('echo', 'other'),
  },
  { requiredKeys: [] },
)

it('says of every message what the SDK says: 3,000, each twice', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(fc.oneof(body, nearly), headers, (sent, sentHeaders) => {
      const message = JSON.parse(JSON.stringify(sent)) as Record<string, unknown>
      const theirs = classifyInboundRequest({
        httpMethod: 'POST',
        body: message,
        ...(sentHeaders['mcp-protocol-version'] && {
          protocolVersionHeader: sentHeaders['mcp-protocol-version'],
        }),
        ...(sentHeaders['mcp-method'] && { mcpMethodHeader: sentHeaders['mcp-method'] }),
        ...(sentHeaders['mcp-name'] && { mcpNameHeader: sentHeaders['mcp-name'] }),
      })
      const first = classify(message, sentHeaders)
      expect(classify(message, sentHeaders)).toEqual(first)
      const kind = theirs.kind === 'reject' ? 'refused' : theirs.kind
      if (first.kind === 'refused') {
        expect(theirs).toMatchObject({ kind: 'reject', httpStatus: first.status, code: first.code })
        expect(theirs.kind === 'reject' && theirs.message).toBe(first.message)
      } else if (first.kind === 'answer') expect(theirs).toMatchObject({ kind: 'legacy', reason: 'response' })
      else {
        expect(first.era).toBe(kind)
        if (theirs.kind === 'modern') {
          expect(theirs.messageKind).toBe(first.kind)
          expect(first.version).toBe(theirs.classification.revision)
        } else if (theirs.kind === 'legacy')
          expect(theirs.reason === 'notification' ? 'notification' : 'request').toBe(first.kind)
        expect([first.method, first.params]).toEqual([message.method, message.params ?? {}])
      }
      const name = `${first.kind} ${'era' in first ? first.era : ''}`.trim()
      seen.set(name, (seen.get(name) ?? 0) + 1)
    }),
    { numRuns: 3_000, seed: 20_261_121 },
  )
  expect([...seen.keys()].sort()).toEqual([
    'answer',
    'notification legacy',
    'notification modern',
    'refused',
    'request legacy',
    'request modern',
  ])
  for (const [name, count] of seen) expect(count, name).toBeGreaterThan(15)
})
