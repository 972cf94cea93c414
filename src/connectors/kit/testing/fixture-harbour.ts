/** For tests: a made-up service with a key, a POST and pages, on loopback, and the connector for it. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { defineConnector, defineTool } from '../connector.ts'
import { secretField, textField } from '../fields.ts'

export interface FixtureHarbour {
  url: string
  requests: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[]
  /** The next answers have these status codes instead. */
  trouble(...statuses: number[]): void
  /** Where page one says that page two is. */
  nextPage: string
  close(): Promise<void>
}

export async function startFixtureHarbour(): Promise<FixtureHarbour> {
  const troubles: number[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers } = req
    harbour.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
    const status = troubles.shift() ?? (headers.authorization?.startsWith('Bearer key-') ? 200 : 401)
    const body =
      method === 'POST'
        ? { moored: 'berth 7' }
        : path.endsWith('page=2')
          ? { ships: ['Erna'], next: null }
          : { ships: ['Anna', 'Berta'], next: harbour.nextPage }
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const harbour: FixtureHarbour = {
    url: '',
    requests: [],
    trouble: (...statuses) => void troubles.push(...statuses),
    nextPage: '/ships?page=2',
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  harbour.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return harbour
}

const fields = {
  key: secretField({ label: 'Key', hint: 'From its settings.', scopes: ['ships:read'], required: true }),
  address: textField({ label: 'Address', hint: 'Of your own harbour.' }),
}
const Ships = z.object({ ships: z.array(z.string()), next: z.string().nullable() })
const hints = { destructiveHint: false, idempotentHint: false, openWorldHint: true }

export const harbour = defineConnector({
  slug: 'old-harbour',
  name: 'Harbour',
  about: 'Ships.',
  logo: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  baseUrl: (account) => account.address ?? 'https://harbour.example',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  examples: ['Which ships are here?'],
  async test(ask) {
    const { ships } = await ask.get('/ships', Ships)
    return `It works: ${ships.length} ships on the first page.`
  },
  tools: [
    defineTool(fields, {
      name: 'list_ships',
      title: 'Ships',
      description: 'The ships in the harbour.',
      input: z.strictObject({}),
      output: z.object({ ships: z.array(z.string()) }),
      annotations: { ...hints, readOnlyHint: true },
      async answer(_input, ask) {
        const { pages } = await ask.pages('/ships', Ships, ({ next }) => next)
        return { ships: pages.flatMap(({ ships }) => ships) }
      },
      say: ({ ships }) => `${ships.length} ships.`,
    }),
    defineTool(fields, {
      name: 'moor_ship',
      title: 'Moor',
      description: 'Moors a ship.',
      input: z.strictObject({ ship: z.string() }),
      output: z.object({ moored: z.string() }),
      annotations: { ...hints, readOnlyHint: false },
      answer: ({ ship }, ask) => ask.post('/moorings', { ship }, z.object({ moored: z.string() })),
      say: ({ moored }) => `Moored at ${moored}.`,
    }),
  ],
})
