import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { writeFileAtomically } from '../storage/atomic-file.ts'

/** How the command line finds the running host and proves that it belongs to the same user. */
export const ControlFile = z.object({
  /** Of this file's format. */
  version: z.literal(1),
  pid: z.number().int().positive(),
  /** Of the private listener on 127.0.0.1. */
  port: z.number().int().min(1).max(65_535),
  /** The admin key: 256 random bits, new at each start. */
  key: z.string().min(32),
  /** The MCP endpoint for programs on this computer. */
  mcp: z.string().optional(),
})
export type ControlFile = z.infer<typeof ControlFile>

const fileName = 'control.json'

export const controlFilePath = (dataDir: string): string => join(dataDir, fileName)

/** Readable by the user alone, and never half written. Throws HostError `data-folder-unwritable` or `disk-full`. */
export const writeControlFile = (dataDir: string, control: ControlFile): Promise<void> =>
  writeFileAtomically(controlFilePath(dataDir), `${JSON.stringify(control)}\n`)

/** Null when there is none, or when what is there is not ours. */
export function readControlFile(dataDir: string): ControlFile | null {
  try {
    const parsed = ControlFile.safeParse(JSON.parse(readFileSync(controlFilePath(dataDir), 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** Removes the file if it still is the one with this key: another host may have taken over the folder. */
export function removeControlFile(dataDir: string, key: string): void {
  if (readControlFile(dataDir)?.key === key) rmSync(controlFilePath(dataDir), { force: true })
}
