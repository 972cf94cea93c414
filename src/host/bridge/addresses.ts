import { defaultWorkspace } from '../handlers/workspaces.ts'

/** Where we can be reached right now. `port`: of the public listener; `publicOrigin`: null while there is none. */
export function createAddresses(now: { port(): number; publicOrigin(): string | null }) {
  const local = () => `http://127.0.0.1:${now.port()}`
  let known: { port: number; publicOrigin: string | null; origins: readonly string[] } | null = null
  return {
    /** The exact origins we answer to; each is an issuer of its own. */
    origins: (): readonly string[] => {
      // Asked for every request, and hardly ever another answer.
      const port = now.port()
      const publicOrigin = now.publicOrigin()
      if (known?.port !== port || known.publicOrigin !== publicOrigin) {
        const origins = [local(), `http://localhost:${port}`]
        if (publicOrigin !== null) origins.push(publicOrigin)
        known = { port, publicOrigin, origins }
      }
      return known.origins
    },
    /** The one to give to somebody: the public one where it is known. */
    bestOrigin: (): string => now.publicOrigin() ?? local(),
    /** The resource of a workspace, for programs on this computer and for the outside. */
    of(workspace: string): { localUrl: string; publicUrl: string | null } {
      const path = workspace === defaultWorkspace.name ? '/mcp' : `/mcp/${workspace}`
      const known = now.publicOrigin()
      return { localUrl: local() + path, publicUrl: known === null ? null : known + path }
    },
  }
}

export type Addresses = ReturnType<typeof createAddresses>
