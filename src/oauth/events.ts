import type { ConnectionRequest, ConnectWindow } from '../contract/access.ts'
import type { RegistrationsFull } from './clients/registration-budget.ts'

export type AuthorizationEvents = {
  'window.changed': ConnectWindow
  'connections.changed': ConnectionRequest[]
  'connections.asked': ConnectionRequest
  'grants.changed': Record<string, never>
  'grant.revoked': { grantId: string }
  /** Its tokens have ended but the entry stays: what it holds open has to be closed. */
  'grant.suspended': { grantId: string }
  /** Its calls are refused for a while: what it has going on ends, what it listens by may stay. */
  'grant.paused': { grantId: string }
  'clients.changed': Record<string, never>
  /** The window was closed after three requests in it were declined. */
  'window.gave-up': Record<string, never>
  /** Apps that register are turned away; told once for each window and each hour. */
  'registrations.full': RegistrationsFull
}
