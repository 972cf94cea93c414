import { hiddenCharacter } from '../contract/visible-text.ts'

/** Terminal escape sequences (ECMA-48): CSI, OSC (also one that never ends), and the short ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const sequences = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]/g

/**
 * The text without terminal sequences and without characters that a person does not see and a model does. Tabs and line ends stay.
 * For what models read, and for what programs write to a terminal; people are shown `visibleText`.
 */
export const withoutHidden = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(sequences, '').replace(hiddenCharacter, '')
