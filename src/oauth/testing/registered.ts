import * as oauth from 'oauth4webapi'
import type { ClientCredentials } from '../../contract/access.ts'
import type { Parsed } from '../../contract/api.ts'
import { discover, insecure } from './app.ts'
import type { Stage } from './stage.ts'

/** A client that signs in by itself, and one that people sign in with. */
export const machine: Parsed<'clients.register'> = {
  name: 'Nightly job',
  redirectUris: [],
  grantTypes: ['client_credentials'],
  scopes: [],
  confidential: true,
  workspace: 'default',
  access: 'look',
}
export const person: Parsed<'clients.register'> = {
  ...machine,
  name: 'Own app',
  redirectUris: ['https://own.example/cb'],
  grantTypes: ['authorization_code', 'refresh_token'],
}

export const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`

export const errorOf = async (response: Response) => ((await response.json()) as { error?: string }).error

/** What a strict library gets for itself; throws what the library throws. */
export async function signIn(
  stage: Stage,
  { clientId }: ClientCredentials,
  auth: oauth.ClientAuth,
  parameters: Record<string, string> = {},
) {
  const as = await discover(stage)
  const client = { client_id: clientId }
  const response = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, insecure)
  return oauth.processClientCredentialsResponse(as, client, response)
}
