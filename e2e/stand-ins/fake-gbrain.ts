import { randomBytes } from 'node:crypto'
import { type FakeProduct, type PlannedTool, startFakeProduct } from './fake-product.ts'

/**
 * GBrain as its guide "Connect GBrain to ChatGPT" has it (`gbrain serve --http`): /mcp, metadata at the root and nowhere else, clients
 * registered on its admin page and by nobody else, scopes enforced on every call, four operations for its own computer only. Not in the
 * guide: the names of the other tools, and the paths of its OAuth endpoints.
 */
export interface FakeGBrain extends FakeProduct {
  /** "Register client" on its admin page. Returns the client id. */
  register(client: { name: string; redirects: string[]; scopes: string[]; grants?: string[] }): string
}

const pages = [{ title: 'Ferry', text: 'The ferry leaves at nine.' }]
const localOnly = ['sync_brain', 'file_upload', 'file_list', 'file_url'].map(
  (name): PlannedTool => ({
    ...{ name, description: 'For this computer only', scope: 'read', isLocalOnly: true },
    answer: () => null,
  }),
)

export async function startFakeGBrain(): Promise<FakeGBrain> {
  const product = await startFakeProduct({
    name: 'GBrain',
    paths: { mcp: '/mcp', authorize: '/authorize', token: '/token' },
    hasResourceMetadata: false,
    scopes: ['read', 'write', 'admin'],
    takesRedirect: () => false,
    tools: [
      { name: 'search', description: 'Searches the brain', scope: 'read', answer: () => pages },
      {
        ...{ name: 'put_page', description: 'Writes a page', scope: 'write' },
        answer: () => pages.push({ title: 'New', text: 'new' }),
      },
      ...localOnly,
    ],
  })
  return Object.assign(product, {
    register({
      name,
      redirects,
      scopes,
      grants = ['authorization_code'],
    }: Parameters<FakeGBrain['register']>[0]) {
      const id = randomBytes(16).toString('hex')
      product.clients.set(id, { name, redirects, scopes, grants })
      return id
    },
  })
}
