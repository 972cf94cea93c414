import { unzipSync } from 'fflate'
import { limits, NotRead } from './extracted.ts'

const decoder = new TextDecoder()

/**
 * The files of a ZIP archive that are `wanted`, as text. What it says that it unpacks to is looked at before anything is, and nothing is
 * unpacked to more than it said. Throws NotRead.
 */
export function unpacked(bytes: Uint8Array, wanted: (name: string) => boolean): Map<string, string> {
  let left: number = limits.unpacked
  let entries = 0
  const files = unzipSync(bytes, {
    filter({ name, originalSize }) {
      entries += 1
      if (entries > limits.entries) throw new NotRead('too-large', `${entries} entries`)
      if (!wanted(name)) return false
      left -= originalSize
      if (left < 0) throw new NotRead('too-large', `${name} unpacks to ${originalSize}`)
      return true
    },
  })
  return new Map(Object.entries(files).map(([name, file]) => [name, decoder.decode(file)]))
}
