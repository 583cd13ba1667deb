// The frame of the bank app: the bank's name, one page, and the tabs.
import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Link, useLocation, useRouter } from '@tanstack/react-router';
import { ArrowLeft, LogOut, Moon, Sun, UserRound } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Session, useSignOut } from '../api/session.ts';
import type { BankPlace } from './places.tsx';

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
  return (
    <div className="bank-frame">
      <header className="bank-top">
        <img src="/seal.svg" width={24} height={24} alt="" />
        <span className="clip">{session.tenant.name}</span>
        <OwnMenu name={session.name ?? session.principal} />
      </header>
      <main className="bank-main" key={pathname}>
        {children}
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

function OwnMenu({ name }: { readonly name: string }) {
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  return (
    <Menu position="bottom-end" width={240} withinPortal={false}>
      <Menu.Target>
        <ActionIcon size={44} radius="xl" ml="auto" aria-label={`You: ${name}`}>
          <UserRound size={22} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {name}</Menu.Label>
        <Menu.Item
          leftSection={other === 'dark' ? <Moon size={18} /> : <Sun size={18} />}
          onClick={() => setColorScheme(other)}
        >
          {other === 'dark' ? 'Dark colours' : 'Light colours'}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={18} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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
