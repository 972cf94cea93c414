import { describe, expect, it } from 'vitest'
import { parseCommandLine, quoteWord } from './command-line.ts'

const parts = (line: string) => {
  const { command, args, env } = parseCommandLine(line)
  return { command, args, env }
}

describe('parseCommandLine', () => {
  it.each([
    ['npx -y server', 'npx', ['-y', 'server']],
    ['  npx\t-y \n server  ', 'npx', ['-y', 'server']],
    ['"/opt/My App/run" --dir "/home/me/My Notes"', '/opt/My App/run', ['--dir', '/home/me/My Notes']],
    [`node -e 'console.log("hi there")'`, 'node', ['-e', 'console.log("hi there")']],
    ['run a\\ b c\\\\d', 'run', ['a b', 'c\\d']],
    ['run "say \\"hi\\"" ""', 'run', ['say "hi"', '']],
    ['C:\\tools\\server.exe C:\\Users\\me', 'C:\\tools\\server.exe', ['C:\\Users\\me']],
    ['npx \\\n  -y server', 'npx', ['-y', 'server']],
    ['run --a="b c"d', 'run', ['--a=b cd']],
    ['', '', []],
  ])('%j', (line, command, args) => {
    expect(parts(line)).toEqual({ command, args, env: {} })
  })

  it('takes leading assignments as settings, later ones as arguments', () => {
    expect(parts(`TOKEN=a=b KEY="two words" npx run X=1`)).toEqual({
      command: 'npx',
      args: ['run', 'X=1'],
      env: { TOKEN: 'a=b', KEY: 'two words' },
    })
    expect(parts('"A=b" c').command).toBe('A=b')
  })

  it('says what cannot be taken', () => {
    expect(parseCommandLine('npx "oops').problem).toContain('double quote')
    expect(parseCommandLine("npx 'oops").problem).toContain('single quote')
    expect(parseCommandLine('A=b').problem).toContain('program to start is missing')
    expect(parseCommandLine('').problem).toBeNull()
  })

  it.each(['a && b', 'a | b', 'a; b', 'a > file', 'a $HOME/x', 'a ~/notes', 'a `b`', 'a $(b)'])(
    'warns that no shell reads %j',
    (line) => expect(parseCommandLine(line).warning).not.toBeNull(),
  )

  it.each(['a "&&" b', "a '$HOME'", 'a b~c', 'a cost$', 'a --x=1&2'])('does not warn about %j', (line) =>
    expect(parseCommandLine(line).warning).toBeNull(),
  )
})

it.each(['plain', 'two words', '', `it's`, `"q"`, 'back\\slash', `both ' and "`, 'tab\there'])(
  'quoteWord(%j) is read back as the same word',
  (word) => expect(parts(`run ${quoteWord(word)}`).args).toEqual([word]),
)
