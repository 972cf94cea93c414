import type { IncomingMessage, ServerResponse } from 'node:http'
import { newToken, sameText, sha256 } from '../../kernel/ids.ts'
import { cookie, cookieNames } from '../provider/cookies.ts'
import { lifetimes } from '../provider/lifetimes.ts'
import type { Records } from '../provider/records.ts'

const model = 'WaitingBrowser'

export type BrowserBinding = ReturnType<typeof createBrowserBinding>

/**
 * Which browser started an authorization. The id of one stands in the address of its pages, where others may see it, so it
 * proves nothing; the browser is known by a secret of 256 bits in its cookies, of which we keep the hash (RFC 9700 §4.7).
 */
export function createBrowserBinding(records: Pick<Records, 'get' | 'put'>) {
  return {
    /**
     * oidc-provider's own cookies hold the id: they leave with the secret in its place. The secret goes to the authorization endpoint
     * (`path`) too, so that a browser that begins anew, its tab closed, is known for the one that asks already.
     */
    mark(res: ServerResponse, origin: string, uid: string, path: string): void {
      const set = res.getHeader('set-cookie')
      if (!Array.isArray(set)) return
      const { interaction, resume, asks } = cookieNames(origin)
      const names = [`${interaction}=`, `${resume}=`]
      const bound = (line: string) => names.find((name) => line.startsWith(`${name}${uid};`))
      if (!set.some(bound)) return
      const secret = newToken()
      records.put(model, secret, JSON.stringify({ uid: sha256(uid) }), null, lifetimes.interaction * 1000)
      const marked = set.map((line) => {
        const name = bound(line)
        return name === undefined ? line : name + secret + line.slice(name.length + uid.length)
      })
      const secure = origin.startsWith('https:') ? '; Secure' : ''
      const rest = `Path=${path}; Max-Age=${lifetimes.interaction}; HttpOnly; SameSite=Lax${secure}`
      res.setHeader('set-cookie', [...marked, `${asks}=${secret}; ${rest}`])
    },
    /** Whether the cookie of that name was given to the browser that started `uid`. */
    started(req: IncomingMessage, name: string, uid: string): boolean {
      const secret = cookie(req, name)
      const row = secret === undefined ? undefined : records.get(model, secret)
      if (row === undefined) return false
      return sameText((JSON.parse(row.payload) as { uid: string }).uid, sha256(uid))
    },
    /** From now on it belongs to an approval, and ends with it. */
    letIn(req: IncomingMessage, name: string, family: string): void {
      const secret = cookie(req, name)!
      const row = records.get(model, secret)
      if (row) records.put(model, secret, row.payload, family, lifetimes.interaction * 1000)
    },
  }
}
