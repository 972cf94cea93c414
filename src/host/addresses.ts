import { defaultWorkspace } from './workspaces.ts'

/** Where we can be reached right now. `port`: of the public listener; `publicOrigin`: null while there is none. */
export function createAddresses(now: { port(): number; publicOrigin(): string | null }) {
  const local = () => `http://127.0.0.1:${now.port()}`
  return {
    /** The exact origins we answer to; each is an issuer of its own. */
    origins: (): string[] => {
      const known = now.publicOrigin()
      return [local(), `http://localhost:${now.port()}`, ...(known === null ? [] : [known])]
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
