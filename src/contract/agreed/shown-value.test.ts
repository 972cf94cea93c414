import { expect, it } from 'vitest'
import { dots, shownValue } from './shown-value.ts'

const secretNames = [
  'API_KEY',
  'github_token',
  'A_B_Client_Secret',
  'DB_PASSWORD',
  'X-Api-Key',
  'x-auth-token',
  'TOKEN',
  'password',
]
const otherNames = [
  ...[
    'SHELLOPTS',
    'PS4',
    'ZDOTDIR',
    'PLAYWRIGHT_DOWNLOAD_HOST',
    'LESSOPEN',
    'NODE_OPTIONS',
    'BASH_ENV',
    'PATH',
  ],
  ...[
    'LD_PRELOAD',
    'GIT_SSH_COMMAND',
    'PYTHONSTARTUP',
    'npm_config_registry',
    'PERL5OPT',
    'JAVA_TOOL_OPTIONS',
  ],
  // nearly of the kind
  ...['MONKEY', 'APIKEY', 'API_KEYS', 'API_KEY_FILE', 'KEY_PATH', 'PASSWORD_COMMAND', 'API_KEY ', ''],
  ...[
    '_KEYS',
    'X-Tenant',
    'Cookie',
    'Authorization2',
    'X-Authorization',
    'API_KEY\n',
    'ＡPI_ＫEY',
    'API_\u212aEY',
  ],
]

it('masks a value that can be a secret only, under a name of its kind', () => {
  for (const name of secretNames)
    for (const value of ['sk-abc_123', 'p4ss!word&more', '0', '~a.b:c=+'])
      expect(shownValue(name, value)).toEqual({ name, text: dots, masked: true })
})

it('shows every other value whole, whatever its name', () => {
  for (const name of otherNames)
    expect(shownValue(name, 'sk-abc_123')).toEqual({ name, text: 'sk-abc_123', masked: false })
})

it('shows a value that could be more than a secret, also under a name of its kind', () => {
  const values = [
    ...['$(evil)', '`evil`', '/tmp/evil', 'C:\\evil', 'a b', 'a\nb', 'a\tb', 'a\u00a0b', ' a', 'a '],
    ...['', 'a\u200bb', 'a\u202eb', '\u{e0041}', 'a\u0000', 'a\u007f', 'ä', '\ud800', 'https://evil.example'],
    `${'x'.repeat(20_000)}/`,
  ]
  for (const name of [...secretNames, 'Authorization'])
    for (const value of values.filter((one) => name !== 'Authorization' || one !== 'a b'))
      expect(shownValue(name, value), JSON.stringify(value)).toEqual({ name, text: value, masked: false })
})

it('leaves the scheme of an Authorization header to be read', () => {
  const shown = (value: string) => shownValue('authorization', value)
  expect(shown('Bearer abc.def')).toMatchObject({ text: `Bearer ${dots}`, masked: true })
  expect(shown('Basic dXNlcjpwYXNz')).toMatchObject({ text: `Basic ${dots}`, masked: true })
  expect(shown('abc-def')).toMatchObject({ text: dots, masked: true })
  for (const value of [
    'Bearer a b',
    'Bearer a/b',
    'Bearer  a',
    'Bearer $a',
    'B\u200bearer abc',
    'Digest a="b", c',
  ])
    expect(shown(value)).toMatchObject({ text: value, masked: false })
})
