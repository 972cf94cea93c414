import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import { callChannel, eventChannel } from './channels.ts'

type Listen = (name: string, payload: unknown, revision?: number) => void

/** The page's whole way to the host; its type is `Pipe` in src/contract/pipe.ts. */
contextBridge.exposeInMainWorld('drawbridge', {
  call: (name: string, input: unknown) => ipcRenderer.invoke(callChannel, name, input),
  on(listen: Listen) {
    const forward = (_event: IpcRendererEvent, name: string, payload: unknown, revision?: number) =>
      listen(name, payload, revision)
    ipcRenderer.on(eventChannel, forward)
    return () => void ipcRenderer.removeListener(eventChannel, forward)
  },
})
