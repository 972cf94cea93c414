/** For tests: a service on loopback that answers as its documentation says, and may be made to fail. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FixtureRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: unknown
}
export interface FixtureAnswer {
  /** 200. */
  status?: number
  headers?: Record<string, string>
  /** As JSON; a text as it is. */
  body: unknown
}
/** One request is answered so instead. */
export type Trouble = FixtureAnswer | 'hang'

export interface Fixture {
  url: string
  requests: FixtureRequest[]
  trouble(...next: Trouble[]): void
  /** Forgets what is left of those. */
  calm(): void
  close(): Promise<void>
}

export async function startFixture(
  answer: (request: FixtureRequest, url: string) => FixtureAnswer | Promise<FixtureAnswer>,
): Promise<Fixture> {
  const troubles: Trouble[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { pathname, searchParams } = new URL(req.url ?? '/', fixture.url)
    const request = {
      ...{ method: req.method ?? '', path: pathname, query: searchParams, headers: req.headers },
      body: text === '' ? undefined : bodyOf(text, req.headers['content-type'] ?? ''),
    }
    fixture.requests.push(request)
    const trouble = troubles.shift()
    if (trouble === 'hang') return
    const { status = 200, headers, body } = trouble ?? (await answer(request, fixture.url))
    res
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  const fixture: Fixture = {
    url: '',
    requests: [],
    trouble: (...next) => void troubles.push(...next),
    calm: () => void troubles.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  fixture.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return fixture
}

const bodyOf = (text: string, type: string): unknown =>
  type.includes('json') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))
