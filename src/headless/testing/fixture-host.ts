import { mkdirSync } from 'node:fs'
import type { ConnectionRequest, Grant, RegisteredClient } from '../../contract/access.ts'
import type { Api, CallName, Input } from '../../contract/api.ts'
import { api } from '../../contract/api.ts'
import type { Approval } from '../../contract/approvals.ts'
import type { Diagnosis } from '../../contract/doctor.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { Server } from '../../contract/servers.ts'
import type { Bridge, Status } from '../../contract/status.ts'
import type { Tool } from '../../contract/tools.ts'
import type { Workspace } from '../../contract/workspaces.ts'
import { HostError, toErrorReply } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import type { RunningHost } from '../start-headless.ts'
import { accessHandlers } from './fixture-access.ts'
import { fixtureAdminKey, serverHandlers } from './fixture-servers.ts'

/** A host without rooms that keeps the contract: inputs and answers are parsed like the real one's. For tests. */
export function createFixtureHost(options: { dataDir: string }) {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const listeners = new Set<(name: string, payload: unknown) => void>()
  const state = {
    bridge: {
      state: 'local',
      localUrl: 'http://127.0.0.1:4000/mcp',
      publicUrl: null,
      message: 'For programs on this computer only.',
      hint: 'Press Connect.',
      since: 0,
    } as Bridge,
    windowClosesAt: null as number | null,
    grants: [] as Grant[],
    servers: [] as Server[],
    connections: [] as ConnectionRequest[],
    calls: [] as Approval[],
    clients: [] as RegisteredClient[],
    workspaces: [] as Workspace[],
    tools: [] as Tool[],
    adminKeyAt: null as number | null,
    preferences: {
      redirectDomains: null,
      requestsPerMinute: 100,
      maxServers: 100,
      largestAnswer: 32,
    } as Preferences,
    diagnosis: null as Diagnosis | null,
    log: [] as { name: string; input: unknown }[],
    stopped: false,
  }
  const gone = (code: string) => new HostError({ code, message: 'It is not there.', hint: 'Look again.' })
  const status = (): Status => ({
    version: '9.9.9',
    shell: 'headless',
    dataDir: options.dataDir,
    bridge: state.bridge,
    vault: { kind: 'file', message: 'An encrypted file.', hint: '' },
    window: { open: state.windowClosesAt !== null, expects: null, closesAt: state.windowClosesAt },
    waiting: { connections: state.connections.length, calls: state.calls.length, tools: 0 },
    notices: [],
  })
  const handlers: { [K in CallName]?: (input: never) => unknown } = {
    'status.get': status,
    'bridge.raise': () => {
      state.bridge = { ...state.bridge, state: 'raised', message: 'Nobody passes.' }
      return status()
    },
    'bridge.lower': () => {
      state.bridge = { ...state.bridge, state: 'opening' }
      setTimeout(() => {
        state.bridge = {
          ...state.bridge,
          state: 'open',
          publicUrl: 'https://name.example/mcp',
          message: 'Open.',
        }
      }, 300)
      return status()
    },
    'connect.open': ({ client }: Input<'connect.open'>) => {
      state.windowClosesAt = 1_800_000_000_000
      return { client, title: 'Connect', edition: 'now', steps: [], done: false }
    },
    'connections.list': () => state.connections,
    'connections.approve': ({
      id,
      digits,
      access,
    }: {
      id: string
      digits?: string
      access: Grant['access']
    }) => {
      const request = state.connections.find((one) => one.id === id)
      if (!request) throw gone('connection-gone')
      if (request.needsDigits && digits !== '123')
        throw new HostError({
          code: 'wrong-digits',
          message: 'Those are not the digits.',
          hint: 'Look again.',
        })
      return grant('client', request.clientName, access)
    },
    'connections.deny': () => undefined,
    'approvals.list': () => state.calls,
    'approvals.get': ({ id }: { id: string }) => {
      const call = state.calls.find((one) => one.id === id)
      if (!call) throw gone('approval-gone')
      return call
    },
    'approvals.decide': () => undefined,
    'grants.list': () => state.grants,
    'grants.revoke': ({ id }: { id: string }) => {
      state.grants = state.grants.filter((one) => one.id !== id)
    },
    'keys.create': ({ name, access }: { name: string; access: Grant['access'] }) => ({
      grant: grant('key', name, access),
      token: `db_key_${'k'.repeat(40)}`,
    }),
    ...accessHandlers(state, gone),
    ...serverHandlers(state, gone),
  }
  function grant(kind: Grant['kind'], name: string, access: Grant['access']): Grant {
    const made: Grant = {
      id: `grant_${state.grants.length}abc`,
      kind,
      clientId: kind === 'client' ? `app_${state.grants.length}` : null,
      name,
      redirectHost: null,
      workspace: 'default',
      access,
      tools: null,
      createdAt: 0,
      lastSeenAt: null,
      lastOrigin: null,
      expiresAt: null,
      sessions: [],
      callsToday: 0,
      served: null,
    }
    state.grants.push(made)
    return made
  }
  const host: RunningHost = {
    isAdminKey: (text) => text === fixtureAdminKey,
    dataDir: options.dataDir,
    mcpUrl: state.bridge.localUrl,
    log: silentLog,
    on(listen) {
      listeners.add(listen)
      return () => void listeners.delete(listen)
    },
    async dispatch(name, input) {
      try {
        const { input: given, output } = api[name as keyof Api] as Api[CallName]
        const parsed = given.safeParse(input ?? undefined)
        if (!parsed.success)
          throw new HostError({ code: 'bad-input', message: 'It does not fit.', hint: name })
        state.log.push({ name, input: parsed.data })
        const handler = handlers[name as CallName]!
        return { ok: true, value: output.parse(handler(parsed.data as never)) }
      } catch (error) {
        return { ok: false, error: toErrorReply(error) }
      }
    },
    async stop() {
      state.stopped = true
    },
  }
  return {
    host,
    state,
    emit: (name: string, payload: unknown) => {
      for (const listen of listeners) listen(name, payload)
    },
  }
}
