import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Process ids of the file servers started for `folder`: it is an argument of theirs. */
export async function serverProcesses(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args='])
  return stdout
    .split('\n')
    .filter((line) => line.includes('server-filesystem') && line.includes(folder))
    .map((line) => line.trim().split(' ')[0]!)
}
