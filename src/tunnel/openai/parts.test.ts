import { describe, expect, it } from 'vitest'
import { createSlices } from '../../kernel/slices.ts'
import { readCommands } from './commands.ts'
import { partsOf } from './parts.ts'

const parts = async (text: string) =>
  Object.fromEntries(
    [...(await partsOf(Buffer.from(text), createSlices()))].map(([name, part]) => [name, String(part)]),
  )

describe('the parts of a text', () => {
  it.each([
    '{"a":1,"b":{"a":[2,{"c":"}"}]},"c":"\\"}]{[,:","d":[]}',
    ' { "a" : [ 1 , 2 ] , "b\\"" : null } ',
    `{"text":"${'\\\\'.repeat(5_000)}","after":"${'x'.repeat(200_000)}","last":1e400}`,
    '{"a":1,"a":2}',
    '{"a":"b","c":3,"é":"ü"}',
  ])('are those that parsing finds (%#)', async (text) => {
    const parsed = Object.entries(JSON.parse(text) as object)
    const found = Object.entries(await parts(text))
    expect(found.map(([name, part]) => [JSON.parse(`"${name}"`), JSON.parse(part)])).toEqual(parsed)
  })

  it('are those of a list by their places; none of what has none; what is too long for a name is nobody else’s', async () => {
    expect(await parts('[1,{"a":[2]},"x,y"]')).toEqual({ 0: '1', 1: '{"a":[2]}', 2: '"x,y"' })
    for (const text of ['', '7', '"a"', '<html>', '{"a":1']) expect(await parts(text)).toEqual({})
    expect((await parts(`{"id":1,"${'n'.repeat(300)}":2}`)).id).toBe('1')
    expect(Object.keys(await parts(`[${'1,'.repeat(5_000)}1]`))).toHaveLength(1_000)
  })
})

describe('a poll', () => {
  const read = (text: string) => readCommands(Buffer.from(text))
  const command = (jsonrpc: string, more = '') =>
    `{"commands":[{"request_id":"r","shard_token":"s\\"}","jsonrpc":${jsonrpc}${more}}]}`

  it('is none of the service’s without a list of commands; an empty one is', async () => {
    for (const text of [
      '',
      '<html>',
      '[]',
      '{"error":{}}',
      '{"commands":{}}',
      '{"commands":[{',
      '[{"commands":[]}]',
    ])
      expect(await read(text), text).toBeNull()
    for (const text of [
      '{"commands":null}',
      '{"commands":[]}',
      ' {"commands" : [ ] } ',
      '{"commands":[{},7]}',
    ])
      expect(await read(text), text).toEqual([])
  })

  it('has messages as they came, and their ids', async () => {
    const message = '{"id": 12345678901234567890, "params":{"id":2,"n":1.0}}'
    const [one] = (await read(command(message)))!
    expect(one).toMatchObject({ requestId: 'r', shardToken: 's"}', channel: 'main', within: null })
    expect(String(one!.body)).toBe(message)
    expect(JSON.stringify(one!.id)).toBe('12345678901234567890')
    const idOf = async (jsonrpc: string) => (await read(command(jsonrpc)))![0]!.id
    expect(await idOf('{"params":{"id":1}}')).toBeUndefined()
    expect(await idOf(`{"id":"${'x'.repeat(600)}"}`)).toBeNull()
    expect(await idOf('{"id":{]}')).toBeNull()
    for (const none of ['7', '[{"id":1}]', 'null', '"{"'])
      expect((await read(command(none)))![0]).toMatchObject({ body: null, id: undefined })
  })

  it('has none that is longer than a request may be, nor one with more about it than that', async () => {
    expect(await read(command(`{"id":1,"p":"${'x'.repeat(5_000_000)}"}`))).toEqual([])
    expect(await read(command('{"id":1}', `,"headers":{"a":["${'x'.repeat(70_000)}"]}`))).toEqual([])
    expect(await read(command(`{"id":${'['.repeat(1_000_000)}`))).toBeNull()
  })
})
