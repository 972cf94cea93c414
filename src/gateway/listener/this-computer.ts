import type { IncomingMessage } from 'node:http'
import type { Principal } from '../../mcp/principal.ts'
import type { Entrance } from '../../net/connection-places.ts'

/** What those who pass requests on write in them (RFC 7239, RFC 9110 §7.6.3, and what came before them). */
const passedOn = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

const loopback = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/

/**
 * Whether a program on this computer asks. Our listener is on 127.0.0.1 only, which a relay is too; so the request must have
 * come by the entrance that is not the tunnel's, be addressed to this computer, and say nothing of having been passed on or of a
 * page from elsewhere that sends it. It opens no door: it only widens what a token that was good anyway may use. Who leads
 * strangers to our port by a relay of their own that leaves none of these traces is not noticed.
 */
export function isFromHere(req: IncomingMessage, to: string, way: Entrance): boolean {
  if (way !== 'direct' || !loopback.test(to)) return false
  const { headers } = req
  if (headers.origin !== undefined && !loopback.test(headers.origin)) return false
  for (const name of passedOn) if (headers[name] !== undefined) return false
  return true
}

const here = new WeakMap<Principal, Principal>()

/** The same principal, asking from this computer; the same object each time, because what is seen is kept by it. */
export function onThisComputer(principal: Principal): Principal {
  let found = here.get(principal)
  if (found === undefined) {
    found = { ...principal, onThisComputer: true }
    here.set(principal, found)
  }
  return found
}
