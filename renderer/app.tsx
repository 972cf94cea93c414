import { CSPProvider } from '@base-ui/react/csp-provider'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { KeptDialog } from './features/approvals/kept-dialog.tsx'
import { PipeProvider } from './pipe/host.tsx'
import type { ShellPipe } from './pipe/shell-pipe.ts'
import { router } from './routes.tsx'
import { Toasts } from './ui/toasts.tsx'

export function App({ pipe, client }: { pipe: ShellPipe; client: QueryClient }) {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <PipeProvider pipe={pipe}>
          <RouterProvider router={router} />
          <KeptDialog />
          <Toasts />
        </PipeProvider>
      </QueryClientProvider>
    </CSPProvider>
  )
}
