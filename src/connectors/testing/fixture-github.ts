import { type FixtureAnswer, startFixture } from './fixture.ts'

/** For tests: GitHub's `GET /repos/{owner}/{name}/releases` as documented, newest first, with an ETag; no key. */
export const startFixtureGithub = (releases: Record<string, object[]>) =>
  startFixture(({ method, path, headers }): FixtureAnswer => {
    const repository = /^\/repos\/([^/]+\/[^/]+)\/releases$/.exec(path)?.[1]
    const found = repository === undefined ? undefined : releases[repository]
    if (method !== 'GET' || found === undefined) return { status: 404, body: { message: 'Not Found' } }
    const etag = `"${found.length}"`
    if (headers['if-none-match'] === etag) return { status: 304, body: '' }
    return { headers: { etag }, body: found }
  })
