// The frame of the bank app: the bank's name, one page, and the tabs.
import { ActionIcon, Button, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useDocumentTitle } from '@mantine/hooks';
import { Link, useLocation, useRouter } from '@tanstack/react-router';
import { ArrowLeft, LogOut, Moon, Sun, UserRound } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Session, useSignOut } from '../api/session.ts';
import type { BankPlace } from './places.tsx';
import { Sheet } from './sheet.tsx';

export function Frame({
  session,
  places,
  children,
}: {
  readonly session: Session;
  readonly places: readonly BankPlace[];
  readonly children: ReactNode;
}) {
  const { pathname } = useLocation();
  const [isOpen, { open, close }] = useDisclosure();
  const name = session.name ?? session.principal;
  return (
    <div className="bank-frame">
      <header className="bank-top">
        <img src="/seal.svg" width={24} height={24} alt="" />
        <span className="clip">{session.tenant.name}</span>
        <ActionIcon size={44} radius="xl" ml="auto" onClick={open} aria-label={`You: ${name}`}>
          <UserRound size={22} />
        </ActionIcon>
      </header>
      <main className="bank-main" key={pathname}>
        {children}
        <OwnSheet name={name} isOpen={isOpen} close={close} />
      </main>
      <nav className="bank-tabs" aria-label="Bank">
        {places.map(({ path, name, icon: Icon }) => {
          const to = `/bank${path === '' ? '' : `/${path}`}`;
          return (
            <Link key={path} to={to as never} activeOptions={{ exact: true, includeSearch: false }}>
              <Icon size={22} aria-hidden />
              {name}
            </Link>
          );
        })}
      </nav>
    </div>
  );
}

type Own = { readonly name: string; readonly isOpen: boolean; readonly close: () => void };

function OwnSheet({ name, isOpen, close }: Own) {
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  const Icon = other === 'dark' ? Moon : Sun;
  return (
    <Sheet title={name} isOpen={isOpen} close={close}>
      <Button
        variant="default"
        leftSection={<Icon size={20} />}
        onClick={() => setColorScheme(other)}
      >
        {other === 'dark' ? 'Dark colours' : 'Light colours'}
      </Button>
      <Button variant="default" leftSection={<LogOut size={20} />} onClick={() => void signOut()}>
        Sign out
      </Button>
    </Sheet>
  );
}

let isFirstPage = true;

/** A page begins at its title, also for who does not see it. */
export function Page({
  title,
  back = false,
  children,
}: {
  readonly title: string;
  /** Whether it is a step of something, with a way back. */
  readonly back?: boolean;
  readonly children: ReactNode;
}) {
  useDocumentTitle(`${title} · Bank`);
  const { history } = useRouter();
  return (
    <>
      <div className="bank-title">
        {back && (
          <ActionIcon size={44} radius="xl" onClick={() => history.back()} aria-label="Back">
            <ArrowLeft size={22} />
          </ActionIcon>
        )}
        <Heading key={title}>{title}</Heading>
      </div>
      {children}
    </>
  );
}

function Heading({ children }: { readonly children: string }) {
  const own = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirstPage) own.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <h1 ref={own} tabIndex={-1}>
      {children}
    </h1>
  );
}
