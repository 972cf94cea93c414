import { expect, it } from 'vitest'
import { startFailure } from './failures.ts'
import { lastWordsOf, type WordsKind } from './last-words.ts'

/** What real programs wrote, and which line of it says why. */
const table: [kind: WordsKind | null, telling: string, ...lines: string[]][] = [
  [
    'docker',
    'docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    '',
    "Run 'docker run --help' for more information",
  ],
  [
    'docker',
    'error during connect: this error may indicate that the docker daemon is not running: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/_ping": open //./pipe/docker_engine: The system cannot find the file specified.',
    'error during connect: this error may indicate that the docker daemon is not running: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/_ping": open //./pipe/docker_engine: The system cannot find the file specified.',
    "See 'docker run --help'.",
  ],
  [
    'network',
    'npm error network request to https://registry.example.org/mcp-thing failed, reason: getaddrinfo ENOTFOUND registry.example.org',
    'npm error code ENOTFOUND',
    'npm error syscall getaddrinfo',
    'npm error errno ENOTFOUND',
    'npm error network request to https://registry.example.org/mcp-thing failed, reason: getaddrinfo ENOTFOUND registry.example.org',
    'npm error network This is a problem related to network connectivity.',
    'npm error network In most cases you are behind a proxy or have bad network settings.',
    'npm error network',
    "npm error network 'proxy' config is set properly.  See: 'npm help config'",
    'npm error A complete log of this run can be found in: /home/me/.npm/_logs/2026-01-01T00_00_00_000Z-debug-0.log',
  ],
  [
    'package',
    "npm error 404  'mcp-thign@*' is not in this registry.",
    'npm error code E404',
    'npm error 404 Not Found - GET https://registry.example.org/mcp-thign - Not found',
    'npm error 404',
    "npm error 404  'mcp-thign@*' is not in this registry.",
    'npm error 404',
    'npm error 404 Note that you can also install from a',
    'npm error 404 tarball, folder, http url, or git folder.',
    'npm error A complete log of this run can be found in: /home/me/.npm/_logs/x.log',
  ],
  [
    'package',
    'npm ERR! notarget No matching version found for mcp-thing@99.',
    'npm ERR! code ETARGET',
    'npm ERR! notarget No matching version found for mcp-thing@99.',
    'npm ERR! notarget In most cases you or one of your dependencies are requesting',
    'npm ERR! A complete log of this run can be found in:',
    'npm ERR!     /home/me/.npm/_logs/x.log',
  ],
  [
    'port',
    'Error: listen EADDRINUSE: address already in use :::3000',
    'node:events:497',
    '      throw er; // Unhandled error event',
    '      ^',
    'Error: listen EADDRINUSE: address already in use :::3000',
    '    at Server.setupListenHandle [as _listen2] (node:net:1940:16)',
    "  code: 'EADDRINUSE',",
    '  errno: -98,',
    "  syscall: 'listen',",
    '}',
    'Node.js v24.0.0',
  ],
  [
    'port',
    "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
    'Traceback (most recent call last):',
    '  File "/srv/x.py", line 3, in <module>',
    "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
  ],
  [
    'module',
    "Error: Cannot find module '/home/me/server/dist/index.js'",
    'node:internal/modules/cjs/loader:1228',
    '  throw err;',
    '  ^',
    "Error: Cannot find module '/home/me/server/dist/index.js'",
    '    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15) {',
    "  code: 'MODULE_NOT_FOUND',",
    '  requireStack: []',
    '}',
    'Node.js v24.0.0',
  ],
  [
    'module',
    "ModuleNotFoundError: No module named 'mcp'",
    'Traceback (most recent call last):',
    '  File "/srv/server.py", line 1, in <module>',
    '    from mcp.server import Server',
    "ModuleNotFoundError: No module named 'mcp'",
  ],
  [
    'network',
    'httpx.ConnectError: [Errno -3] Temporary failure in name resolution',
    'Traceback (most recent call last):',
    '  File "/srv/server.py", line 9, in <module>',
    'socket.gaierror: [Errno -3] Temporary failure in name resolution',
    'The above exception was the direct cause of the following exception:',
    'Traceback (most recent call last):',
    '  File "/srv/server.py", line 12, in <module>',
    'httpx.ConnectError: [Errno -3] Temporary failure in name resolution',
  ],
  [
    'error',
    "KeyError: 'WORKSPACE'",
    'INFO starting',
    'Traceback (most recent call last):',
    '  File "/srv/server.py", line 1, in <module>',
    "KeyError: 'WORKSPACE'",
  ],
  [
    'network',
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
    'Warning: API_KEY is not set, some tools are missing',
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
    '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
    'shutting down',
  ],
  [
    'network',
    '  × Failed to fetch: `https://pypi.org/simple/mcp-server-time/`',
    '  × Failed to fetch: `https://pypi.org/simple/mcp-server-time/`',
    '  ├─▶ Could not connect, are you offline?',
  ],
  [
    'setting',
    'Error: API_KEY is missing',
    'Starting up',
    'Error: API_KEY is missing',
    '    at start (server.js:3:1)',
  ],
  ['setting', 'GITHUB_PERSONAL_ACCESS_TOKEN not set', 'GITHUB_PERSONAL_ACCESS_TOKEN not set'],
  [
    'setting',
    'Please provide your API key with --api-key',
    'Please provide your API key with --api-key',
    'Usage: thing [options]',
  ],
  [
    'usage',
    'server.py: error: the following arguments are required: directory',
    'usage: server.py [-h] directory',
    'server.py: error: the following arguments are required: directory',
  ],
  [
    'usage',
    'Usage: mcp-server-filesystem <allowed-directory>',
    'Usage: mcp-server-filesystem <allowed-directory>',
  ],
  ['command', 'sh: 1: mcp-thing: not found', 'sh: 1: mcp-thing: not found'],
  [
    'disk',
    'npm error nospc ENOSPC: no space left on device, write',
    'npm error code ENOSPC',
    'npm error nospc ENOSPC: no space left on device, write',
  ],
  [
    'denied',
    "Error: EACCES: permission denied, open '/etc/x'",
    "Error: EACCES: permission denied, open '/etc/x'",
  ],
  [
    'error',
    'SyntaxError: Unexpected token } in JSON at position 4: invalid',
    'SyntaxError: Unexpected token } in JSON at position 4: invalid',
  ],
  [
    'error',
    'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string',
    'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string',
  ],
  [null, 'goodbye', 'log line with no secret', 'goodbye'],
  [null, ''],
]

for (const [kind, line, ...lines] of table)
  it(`${kind}: ${line.slice(0, 70)}`, () => {
    expect(lastWordsOf(lines)).toEqual({ kind, line })
  })

it('is quoted, also before the time is up, with a hint that fits', () => {
  const none = { exit: null, isFetching: false, rubbish: 0, messages: 0 }
  const facts = { name: 'Web', command: '/x', ...none, clean: (text: string) => text }
  const said = lastWordsOf(['Error: getaddrinfo ENOTFOUND api.example'])
  const silent = startFailure({ ...facts, said, waited: 30_000 }, new Error('late'))
  expect(silent).toMatchObject({
    code: 'server-silent',
    message:
      '“Web” was started, but did not answer within 30 seconds. Its last words: “Error: getaddrinfo ENOTFOUND api.example”',
    hint: expect.stringContaining('online'),
  })
  const exit = { code: 125, signal: null }
  const docker = lastWordsOf([
    'docker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?',
  ])
  const died = startFailure({ ...facts, exit, said: docker, waited: null }, new Error('gone'))
  expect(died.message).toContain('Cannot connect to the Docker daemon')
  expect(died.hint).toContain('Start Docker')
  expect(died.hint).not.toContain('API key')
})
