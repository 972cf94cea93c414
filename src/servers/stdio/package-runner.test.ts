import { expect, it } from 'vitest'
import { runnerOf, saysFetching } from './package-runner.ts'

it('knows what fetches a program before it runs it, however it is called', () => {
  const of = (line: string) => runnerOf(line.split(' '))
  for (const line of [
    'npx -y @scope/server --flag',
    '/usr/bin/npx server',
    'C:\\node\\npx.cmd -y server',
    'node /usr/bin/npx -y server',
    'node /usr/lib/node_modules/npm/bin/npx-cli.js -y server',
    'npm exec server',
    'npm --yes exec server',
    'pnpm dlx server',
    'yarn dlx server',
    'bunx server',
    'bun x server',
    'uvx server',
    'uv run server.py',
    'uv --directory /srv/x run server.py',
    'uv tool run server',
    'pipx run server',
    'python3 -m pipx run server',
    'dnx server',
    'cmd /c npx -y server',
    'env A=1 npx server',
  ])
    expect(of(line), line).toBe('child')
  expect(runnerOf(['sh', '-c', 'npx -y server'])).toBe('child')
  // What npm calls itself.
  expect(runnerOf(['npm exec server'])).toBe('child')
  for (const line of [
    'docker run -i --rm image',
    'podman run image',
    'deno run -A npm:server',
    'docker container run image',
  ])
    expect(of(line), line).toBe('itself')
  for (const line of [
    'node server.js',
    'node /home/me/npx/server.js',
    'bun /home/me/server.ts',
    'bun run server.ts',
    'npm run x',
    'npm start',
    'python3 server.py run',
    '/usr/bin/server npx',
    'docker exec -i box server',
    'git clone x',
  ])
    expect(of(line), line).toBeNull()
  expect(runnerOf([])).toBeNull()
})

it('knows when Docker and Deno are at it', () => {
  for (const line of [
    "Unable to find image 'mcp/time:latest' locally",
    'latest: Pulling from mcp/time',
    '0a8490d0dfd3: Pull complete',
    'Digest: sha256:abc',
    'Trying to pull docker.io/mcp/time:latest...',
    'Copying blob 0a8490d0dfd3 done',
    'Download https://registry.example.org/zod',
  ])
    expect(saysFetching(line), line).toBe(true)
  for (const line of ['Status: Downloaded newer image for mcp/time:latest', 'Server running on stdio', ''])
    expect(saysFetching(line), line).toBe(false)
})
