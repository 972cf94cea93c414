import { describe, expect, it } from 'vitest'
import { Cancellation } from '../../kernel/cancellation.ts'
import { RequestMeta } from './request-meta.ts'

describe('what requests of 2026-07-28 say about the client', () => {
  const level = 'io.modelcontextprotocol/logLevel'
  const asked = {
    signal: new Cancellation(),
    client: 'one',
    capabilities: { sampling: {} },
    logLevel: 'debug' as const,
  }

  it('says how much to log only to a server that logs', () => {
    const requestMeta = new RequestMeta({ name: 'drawbridge', version: '1' })
    requestMeta.protocol = '2026-07-28'
    expect(requestMeta.of(asked)).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'drawbridge', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': { sampling: {} },
      [level]: 'debug',
    })
    requestMeta.logs = false
    expect(requestMeta.of(asked)).not.toHaveProperty([level])
    requestMeta.logs = true
    expect(requestMeta.of(asked)).toHaveProperty([level], 'debug')
  })

  it('never mixes up clients, versions or progress', () => {
    const requestMeta = new RequestMeta({ name: 'drawbridge', version: '1' })
    requestMeta.protocol = '2026-07-28'
    const first = requestMeta.of(asked)
    expect(requestMeta.of(asked)).toBe(first)
    expect(requestMeta.of({ ...asked, capabilities: {} })).toMatchObject({
      'io.modelcontextprotocol/clientCapabilities': {},
    })
    expect(requestMeta.of(asked, 7)).toEqual({ ...first, progressToken: 7 })
    expect(first).not.toHaveProperty('progressToken')
    requestMeta.protocol = '2027-01-01'
    expect(requestMeta.of(asked)).toMatchObject({ 'io.modelcontextprotocol/protocolVersion': '2027-01-01' })
  })
})
