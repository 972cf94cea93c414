import { say } from '../../../../locales/say.ts'
import type { Access, ClientCredentials } from '../../../../src/contract/access.ts'
import { api, type Input } from '../../../../src/contract/api.ts'

type ClientKindChosen = 'browser' | 'alone'

export interface ClientForm {
  name: string
  kind: ClientKindChosen
  /** One address per line. */
  redirects: string
  confidential: boolean
  /** Separated by spaces. */
  scopes: string
  workspace: string
  access: Access
}

export const EMPTY_CLIENT: ClientForm = {
  name: '',
  kind: 'browser',
  redirects: '',
  confidential: false,
  scopes: '',
  workspace: 'default',
  access: 'look',
}

export type CheckedClient =
  | { ok: true; input: Input<'clients.register'> }
  | { ok: false; wrong: { name?: string; redirects?: string; scopes?: string } }

const words = (text: string) => text.split(/\s+/).filter(Boolean)

/** The form as the host takes it, or what is wrong with which field. The host looks at the addresses more closely. */
export function checkClient(form: ClientForm): CheckedClient {
  const alone = form.kind === 'alone'
  const input: Input<'clients.register'> = {
    name: form.name,
    redirectUris: alone ? [] : words(form.redirects),
    grantTypes: alone ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    scopes: words(form.scopes.replaceAll(',', ' ')),
    confidential: alone || form.confidential,
    workspace: form.workspace,
    access: form.access,
  }
  const issues = api['clients.register'].input.safeParse(input).error?.issues ?? []
  const said = (field: string) => issues.find((issue) => issue.path[0] === field)?.message
  const redirects = alone ? undefined : (wrongRedirects(input.redirectUris ?? []) ?? said('redirectUris'))
  const wrong = {
    ...(said('name') === undefined ? {} : { name: said('name')! }),
    ...(redirects === undefined ? {} : { redirects }),
    ...(said('scopes') === undefined ? {} : { scopes: said('scopes')! }),
  }
  return Object.keys(wrong).length > 0 ? { ok: false, wrong } : { ok: true, input }
}

function wrongRedirects(uris: readonly string[]): string | undefined {
  if (uris.length === 0) return say('access.clientForm.pasteTheRedirectAddress')
  const bad = uris.find((uri) => !URL.canParse(uri))
  return bad === undefined ? undefined : say('access.clientForm.isNotAFull', { bad })
}

/** The credentials as other programs read them: client metadata names of RFC 7591 §2 and §3.2.1, endpoints of RFC 8414 §2. */
export function credentialsFile(of: ClientCredentials): string {
  const file = {
    client_name: of.name,
    client_id: of.clientId,
    ...(of.clientSecret === null ? {} : { client_secret: of.clientSecret }),
    token_endpoint_auth_method: of.confidential ? 'client_secret_basic' : 'none',
    grant_types: of.grantTypes,
    ...(of.redirectUris.length > 0 ? { redirect_uris: of.redirectUris } : {}),
    ...(of.scopes.length > 0 ? { scope: of.scopes.join(' ') } : {}),
    issuer: of.issuer,
    resource: of.resource,
    authorization_endpoint: of.authorizationEndpoint,
    token_endpoint: of.tokenEndpoint,
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** A file name that every system takes. */
export const fileNameFor = (name: string): string =>
  `${
    name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '') || 'app'
  }-credentials.json`
