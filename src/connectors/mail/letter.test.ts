import type { FetchMessageObject, MessageStructureObject } from 'imapflow'
import { afterAll, describe, expect, it } from 'vitest'
import { NotRead, ReadingThread } from '../reading/reading-thread.ts'
import { letterOf } from './letter.ts'
import type { Mailbox } from './mailbox.ts'

const thread = new ReadingThread()
afterAll(() => thread.end())

/** What is in a mail: a text with its type, or parts. */
type Node = { type: string; text: string; more?: object } | { type: string; parts: Node[] }
const plain = (text: string): Node => ({ type: 'text/plain', text })
const html = (text: string): Node => ({ type: 'text/html', text })
const pdf = { type: 'application/pdf', text: '', more: { disposition: 'attachment', size: 7 } }
const mixed = (...parts: Node[]): Node => ({ type: 'multipart/mixed', parts })
const related = (...parts: Node[]): Node => ({ type: 'multipart/related', parts })
const alternative = (...parts: Node[]): Node => ({ type: 'multipart/alternative', parts })

async function read(mail: Node, reader: Pick<ReadingThread, 'read'> = thread) {
  const texts = new Map<string, string>()
  const structureOf = (node: Node, path: number[]): MessageStructureObject => {
    if ('parts' in node)
      return { type: node.type, childNodes: node.parts.map((one, at) => structureOf(one, [...path, at + 1])) }
    const part = path.join('.') || '1'
    texts.set(part, node.text)
    return { type: node.type, part, ...node.more }
  }
  const bodyStructure = structureOf(mail, [])
  const asked: string[] = []
  const text = async (_uid: number, part: string, most: number) => {
    asked.push(part)
    return texts.get(part)!.slice(0, most)
  }
  const letter = await letterOf(
    { uid: 5, bodyStructure } as FetchMessageObject,
    { text } as unknown as Mailbox,
    reader as ReadingThread,
  )
  return { ...letter, asked }
}

describe('the texts of a mail', () => {
  it.each<[string, Node, string]>([
    [
      'HTML and the footer of a list',
      mixed(html('<p>On Friday.</p>'), plain('-- list')),
      'On Friday.\n\n-- list',
    ],
    ['a text around a picture', mixed(plain('Above'), pdf, plain('Below')), 'Above\n\nBelow'],
    ['the same twice', alternative(plain('Hello'), html('<p>Not this</p>')), 'Hello'],
    ['the same twice, HTML first', alternative(html('<p>Not this</p>'), plain('Hello')), 'Hello'],
    ['a plain form that is empty', alternative(plain(' \r\n'), html('<p>Hello</p>')), 'Hello'],
    [
      'both forms, and the footer of a list',
      mixed(alternative(plain('Hello'), related(html('<p>Not this</p>'), pdf)), plain('-- list')),
      'Hello\n\n-- list',
    ],
    ['one text', plain('One\r\ntwo\r'), 'One\ntwo'],
    ['nothing', mixed(pdf), ''],
  ])('are read in order, plain before HTML where both say the same: %s', async (_what, mail, text) => {
    expect((await read(mail)).text).toBe(text)
  })

  it('are asked for only where they are needed', async () => {
    expect((await read(alternative(html('<p>x</p>'), plain('x')))).asked).toEqual(['2'])
  })

  it('are not all read when there are very many, which is said', async () => {
    const of = (count: number) => mixed(...Array.from({ length: count }, (_, at) => plain(`Text ${at + 1}.`)))
    expect((await read(of(20))).text).toMatch(/^Text 1\..+Text 20\.$/s)
    expect((await read(of(21))).text).toMatch(/Text 20\.\n\n\[More of this mail was not read\.\]$/)
  })

  it('are read up to a length, which is said', async () => {
    const long = 'x'.repeat(500_000)
    const one = await read(mixed(plain(long), plain('The end.')))
    expect(one.text).toMatch(/x\n\nThe end\.\n\n\[More of this mail was not read\.\]$/)
    const { text } = await read(
      mixed(plain(long), plain(long), plain(long), plain(long), plain(long), plain(long)),
    )
    expect(text).toHaveLength(2_000_000)
    expect(text).toMatch(/x\n\n\[More of this mail was not read\.\]$/)
  })

  it('that cannot be read are said, and not many of them tried', async () => {
    let tried = 0
    const reader = {
      read() {
        tried += 1
        return Promise.reject(new NotRead('not read within 4000 ms', null))
      },
    }
    const { text } = await read(mixed(...Array.from({ length: 10 }, () => html('x'))), reader)
    expect(text).toMatch(
      /^\[This part of the mail cannot be read\.\].+\[More of this mail was not read\.\]$/s,
    )
    expect(tried).toBe(3)
  })
})

it('the size of an attachment is a number, whatever a server says', async () => {
  const of = (size: number) => ({ ...pdf, more: { disposition: 'attachment', size } })
  const { attachments } = await read(mixed(of(Number.POSITIVE_INFINITY), of(Number.NaN), of(-1), of(12)))
  expect(attachments.map(({ bytes }) => bytes)).toEqual([0, 0, 0, 12])
})
