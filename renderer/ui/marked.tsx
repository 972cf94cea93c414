import { Fragment } from 'react'
import { say } from '../../locales/say.ts'
import { directionRuns, turnsRound } from '../../src/contract/agreed/writing-direction.ts'
import styles from './marked.module.css'

/** A real `⟨` is written out too, so every one left begins a code. */
const inText = /(⟨U\+[\dA-F]{4,6}⟩)/u
/** `\\` and the like are taken whole, so that the `u` of `\\u202e` begins nothing. */
const inJson = /((?:\\u[\da-fA-F]{4})+|(?:\\[^u])+)/u

const isCode = (piece: string) => piece.startsWith('⟨U+') || piece.startsWith('\\u')

/** Text that was made visible: codes are set apart, and what is written from right to left moves nothing around it. */
export function Marked({ text, codes }: { text: string; codes: 'text' | 'json' }) {
  return text.split(codes === 'json' ? inJson : inText).map((piece, index) =>
    index % 2 === 1 && isCode(piece) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity than their place
      <span key={index} className={styles.code} title={say('ui.unseenCharacters')}>
        {piece}
      </span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity than their place
      <Fragment key={index}>{turnsRound(piece) ? <Turned text={piece} /> : piece}</Fragment>
    ),
  )
}

function Turned({ text }: { text: string }) {
  return directionRuns(text).map((run, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: runs have no other identity than their place
    run.rightToLeft ? <bdi key={index}>{run.text}</bdi> : <Fragment key={index}>{run.text}</Fragment>,
  )
}
