import type { Grant, RegisteredClient } from '../../contract/access.ts'
import type { CallName, Parsed } from '../../contract/api.ts'
import type { Diagnosis } from '../../contract/doctor.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { Workspace } from '../../contract/workspaces.ts'
import type { HostError } from '../../kernel/errors.ts'

export interface AccessState {
  grants: Grant[]
  clients: RegisteredClient[]
  workspaces: Workspace[]
  preferences: Preferences
  diagnosis: Diagnosis | null
}

/** The fixture host's part about who may do what. For tests. */
export function accessHandlers(
  state: AccessState,
  gone: (code: string) => HostError,
): { [K in CallName]?: (input: never) => unknown } {
  const grant = (id: string): Grant => {
    const found = state.grants.find((one) => one.id === id)
    if (!found) throw gone('grant-gone')
    return found
  }
  const workspace = (name: string): Workspace => {
    const found = state.workspaces.find((one) => one.name === name)
    if (!found) throw gone('workspace-unknown')
    return found
  }
  return {
    'grants.update': ({ id, ...change }: Parsed<'grants.update'>) => {
      const wanted = Object.entries(change).filter(([, value]) => value !== undefined)
      return Object.assign(grant(id), Object.fromEntries(wanted))
    },
    'grants.askAgain': ({ id }: { id: string }) => grant(id),
    'clients.list': () => state.clients,
    'clients.register': (input: Parsed<'clients.register'>) => {
      const { access: _access, ...kept } = input
      const client = { ...kept, clientId: `client_${state.clients.length}abc`, createdAt: 0 }
      state.clients.push(client)
      return {
        ...client,
        clientSecret: input.confidential ? `db_secret_${'s'.repeat(43)}` : null,
        issuer: 'http://127.0.0.1:4000',
        resource: 'http://127.0.0.1:4000/mcp',
        authorizationEndpoint: 'http://127.0.0.1:4000/oauth/authorize',
        tokenEndpoint: 'http://127.0.0.1:4000/oauth/token',
        registrationEndpoint: 'http://127.0.0.1:4000/oauth/register',
      }
    },
    'clients.remove': ({ clientId }: { clientId: string }) => {
      state.clients = state.clients.filter((one) => one.clientId !== clientId)
    },
    'workspaces.list': () => state.workspaces,
    'workspaces.create': (input: Parsed<'workspaces.create'>) => {
      const made = { ...input, localUrl: `http://127.0.0.1:4000/mcp/${input.name}`, publicUrl: null }
      state.workspaces.push(made)
      return made
    },
    'workspaces.update': ({ name, title, sources }: Parsed<'workspaces.update'>) =>
      Object.assign(workspace(name), title && { title }, sources && { sources }),
    'workspaces.remove': ({ name }: { name: string }) => {
      workspace(name)
      state.workspaces = state.workspaces.filter((one) => one.name !== name)
    },
    'preferences.get': () => state.preferences,
    'preferences.set': (wanted: Partial<Preferences>) => {
      state.preferences = { ...state.preferences, ...wanted }
      return state.preferences
    },
    'security.rotate': () => undefined,
    'doctor.run': () => state.diagnosis,
  }
}
